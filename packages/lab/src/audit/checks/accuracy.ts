/** @file How often the classifier is right on the labelled images, and whether its confidences say so. */

import {
  type Answer,
  answerOf,
  argmax,
  CALIBRATION_BINS,
  calibrationBins,
  expectedCalibrationError,
  fitTemperature,
  type Images,
  type LabelledLogits,
  QueryBudgetError,
  Random,
  sliceImages,
} from '@pareidolia/core';
import { reliabilityChart } from '../../chart/reliability-chart.ts';
import { formatCount, formatNumber, formatPercent } from '../../format/format.ts';
import { answersOf, rowOf } from '../answers.ts';
import { type AuditBench, type AuditedClassifier, byBudget, type RealImages } from '../bench.ts';
import { calibrationInterval } from '../calibration-interval.ts';
import type { AuditCheck, CheckOutcome } from '../check.ts';
import { type Figure, type FigureName, missingFigure, numberFigure, shareFigure } from '../result/figure.ts';
import { areSmall, sampleImages } from '../sample.ts';
import { imageDigest, NO_IMAGES, withNumbers } from '../singles/image-digest.ts';
import type { SingleAnswers } from '../singles/single-answers.ts';

/** Labelled images that are looked at: small ones, and large ones. */
const SMALL_IMAGES = { quick: 1000, standard: 5000, thorough: Number.POSITIVE_INFINITY } as const;
const LARGE_IMAGES = { quick: 300, standard: 2000, thorough: Number.POSITIVE_INFINITY } as const;

/** Images of a unit of work. */
const UNIT = 250;

/** Fewer images say nothing about a temperature. */
const LEAST_FITTED = 20;

const HALVES_STREAM = 0x68616c66;

const NAMES = {
  accuracy: { id: 'accuracy', title: 'Accuracy', better: 'higher' },
  chance: { id: 'chance', title: 'Accuracy of guessing', better: null },
  error: { id: 'calibration-error', title: 'Expected calibration error', better: 'lower' },
  confidence: { id: 'confidence', title: 'Mean confidence', better: null },
  temperature: { id: 'temperature', title: 'Temperature that fits the confidences', better: null },
  scaled: { id: 'calibration-error.scaled', title: 'Expected calibration error with a temperature', better: 'lower' },
} satisfies Record<string, FigureName>;

/** Of some images. Plain data, so that a unit can hold it. */
type Scored = { readonly finite: Uint8Array; readonly scores: Float32Array; readonly logits: Float32Array };

export const accuracyCheck: AuditCheck = {
  name: 'accuracy',
  title: 'accuracy and calibration',
  cost: (bench) => (bench.images?.labels === undefined ? 0 : 2 * Math.min(countOf(bench), bench.images.images.count)),
  run,
};

function countOf(bench: AuditBench): number {
  return areSmall(bench.classifier.shape) ? byBudget(bench, SMALL_IMAGES) : byBudget(bench, LARGE_IMAGES);
}

async function run(bench: AuditBench): Promise<CheckOutcome> {
  const real = bench.images;
  if (real === undefined || real.images.count === 0 || real.labels === undefined) {
    const why = real === undefined ? 'No real images were given' : 'The right classes of the images are not known';
    return {
      figures: [missingFigure(NAMES.accuracy, 'share', why), missingFigure(NAMES.error, 'share', why)],
      sections: [],
      pictures: [],
      limits: [`${why}, so neither accuracy nor calibration was measured`],
    };
  }
  const sample = sampleImages(bench, real, countOf(bench));
  const scored: Scored[] = [];
  let done = 0;
  const starts = Array.from({ length: Math.ceil(sample.images.count / UNIT) }, (_, place) => UNIT * place);
  const endOf = (from: number): number => Math.min(sample.images.count, from + UNIT);
  try {
    await bench.each(
      starts,
      async (from) => {
        await bench.pause();
        const to = endOf(from);
        bench.progress(from / sample.images.count, 'accuracy');
        const images = sliceImages(sample.images, from, to);
        return bench.unit(`accuracy/${from}-${to}`, () => score(bench.classifier, images));
      },
      (came, from) => {
        scored.push(came);
        done = endOf(from);
      },
    );
  } catch (error) {
    if (!(error instanceof QueryBudgetError)) throw error;
  }
  const labels = sample.labels!.subarray(0, done);
  const cut =
    done < sample.images.count
      ? [
          `The budget of queries ended after ${formatCount(done)} of ${formatCount(sample.images.count)} images whose accuracy was to be measured`,
        ]
      : [];
  return { ...outcomeOf(bench, sample, labels, concatenated(scored)), limits: cut };
}

/** Scores images; the logits are those of the network where it is a file, and else the logarithms of what an endpoint says. */
async function score(classifier: AuditedClassifier, images: Images): Promise<Scored> {
  const { finite, scores } = await answersOf(classifier, images);
  if (classifier.answers === 'labels') return { finite, scores, logits: new Float32Array(0) };
  if (classifier.noGradient !== undefined) {
    return { finite, scores, logits: scores.map((value) => Math.log(Math.max(2 ** -126, value))) };
  }
  return { finite, scores, logits: (await classifier.logits(images)).data.slice() };
}

function outcomeOf(
  bench: AuditBench,
  sample: RealImages,
  labels: Int32Array,
  { finite, scores, logits }: Scored,
): Omit<CheckOutcome, 'limits'> {
  const { numClasses, answers: tells } = bench.classifier;
  const sound = Array.from(labels.keys()).filter((place) => finite[place] === 1);
  // What is sure by logits may be a tie in float32's confidences.
  const answers = sound.map((place) =>
    answerOf(
      rowOf(scores, place, numClasses),
      labels[place]!,
      argmax(rowOf(logits.length > 0 ? logits : scores, place, numClasses)),
    ),
  );
  const right = answers.filter(({ label, prediction }) => label === prediction).length;
  const singles = [rightAnswers(sample.images, labels, sound, answers)];
  const counted = shareFigure(NAMES.accuracy, right, labels.length);
  const figures: Figure[] = [counted, numberFigure(NAMES.chance, 'share', 1 / numClasses)];
  const text = [
    `Of ${formatCount(labels.length)} labelled images of ${sample.origin}, ${formatCount(right)} are right.`,
  ];
  if (sound.length < labels.length) {
    text.push(`${formatCount(labels.length - sound.length)} have scores that are not finite; they count as wrong.`);
  }
  if (tells === 'labels' || answers.length === 0) {
    const why = tells === 'labels' ? 'The model tells only the label' : 'No image has finite scores';
    figures.push(missingFigure(NAMES.error, 'share', why), missingFigure(NAMES.temperature, 'number', why));
    return { figures, sections: [section(figures, text, [])], pictures: [], singles };
  }
  const bins = calibrationBins(answers);
  const error = expectedCalibrationError(bins);
  const mean = answers.reduce((sum, { confidence }) => sum + confidence, 0) / answers.length;
  figures.push(
    numberFigure(NAMES.error, 'share', error, { interval: calibrationInterval(answers, bench.seed) }),
    numberFigure(NAMES.confidence, 'probability', mean),
  );
  text.push(
    `The confidences are ${formatPercent(mean)} in the mean, ${formatPercent(right / labels.length)} are right: the network is ${mean > right / labels.length ? 'surer' : 'less sure'} than it should be.`,
  );
  const rows: LabelledLogits = {
    numClasses,
    data: concatenatedRows(logits, sound, numClasses),
    labels: sound.map((place) => labels[place]!),
  };
  figures.push(...temperatureFigures(bench, rows, answers));
  const temperature = figures.find(({ id }) => id === NAMES.temperature.id)!;
  const scaled = figures.find(({ id }) => id === NAMES.scaled.id);
  if (temperature.value !== null && scaled?.value != null) {
    text.push(
      `Logits divided by ${formatNumber(temperature.value)} fit best (temperature scaling, Guo et al. 2017): the calibration error is then ${formatPercent(scaled.value)}, each half of the images with the temperature of the other half.`,
    );
  }
  return { figures, sections: [section(figures, text, [reliabilityChart(bins, error)])], pictures: [], singles };
}

/** Which images are right; those without finite scores are not. */
function rightAnswers(
  images: Images,
  labels: Int32Array,
  sound: readonly number[],
  answers: readonly Answer[],
): SingleAnswers {
  const values = new Uint8Array(labels.length);
  answers.forEach(({ label, prediction }, row) => {
    values[sound[row]!] = label === prediction ? 1 : 0;
  });
  const asked = withNumbers(imageDigest(NO_IMAGES, sliceImages(images, 0, labels.length)), labels);
  return { figure: NAMES.accuracy.id, asked, values };
}

function section(
  figures: readonly Figure[],
  text: readonly string[],
  charts: CheckOutcome['sections'][number]['charts'],
): CheckOutcome['sections'][number] {
  return {
    id: 'accuracy',
    title: 'Accuracy and calibration',
    text,
    figures: figures.map(({ id }) => id),
    tables: [],
    charts,
    pictures: [],
  };
}

/** The temperature of all images, and the calibration error where each half is scaled by the temperature of the other. */
function temperatureFigures(
  { classifier, seed }: AuditBench,
  rows: LabelledLogits,
  answers: readonly Answer[],
): Figure[] {
  const { numClasses } = rows;
  if (classifier.reading?.kind === 'sigmoids' && numClasses > 2) {
    return [
      missingFigure(NAMES.temperature, 'number', 'The scores are sigmoids, to which one temperature does not apply'),
    ];
  }
  const count = answers.length;
  const whole = count < LEAST_FITTED ? undefined : fitTemperature(rows);
  if (whole === undefined) {
    const why =
      count < LEAST_FITTED
        ? `${formatCount(count)} images are too few to fit a temperature`
        : 'No temperature fits best: all images are right, or they are right no more often than by chance';
    return [missingFigure(NAMES.temperature, 'number', why)];
  }
  const order = Random.stream(seed, HALVES_STREAM).shuffle(Array.from({ length: count }, (_, place) => place));
  const halves = [order.slice(0, count >> 1), order.slice(count >> 1)] as const;
  const fitted = halves.map((half) =>
    fitTemperature({
      numClasses,
      data: concatenatedRows(rows.data, half, numClasses),
      labels: half.map((place) => rows.labels[place]!),
    }),
  );
  const temperature = numberFigure(NAMES.temperature, 'number', whole);
  if (fitted.includes(undefined)) {
    const why = 'A half of the images fits no temperature, so that it cannot be tried on the other half';
    return [temperature, missingFigure(NAMES.scaled, 'share', why)];
  }
  const scaled = halves.flatMap((half, which) =>
    half.map((place) => {
      const softened = softmax(rows.data, place, numClasses, fitted[1 - which]!);
      return answerOf(softened, rows.labels[place]!, answers[place]!.prediction);
    }),
  );
  const error = expectedCalibrationError(calibrationBins(scaled, CALIBRATION_BINS));
  return [temperature, numberFigure(NAMES.scaled, 'share', error, { interval: calibrationInterval(scaled, seed) })];
}

function softmax(data: ArrayLike<number>, row: number, width: number, temperature: number): Float32Array {
  const logits = Array.from({ length: width }, (_, k) => data[row * width + k]! / temperature);
  const largest = logits.reduce((most, z) => Math.max(most, z), Number.NEGATIVE_INFINITY);
  const weights = logits.map((z) => Math.exp(z - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

function concatenatedRows(data: ArrayLike<number>, places: readonly number[], width: number): Float32Array {
  return Float32Array.from({ length: places.length * width }, (_, i) => {
    return data[places[Math.floor(i / width)]! * width + (i % width)]!;
  });
}

function concatenated(parts: readonly Scored[]): Scored {
  const floats = (of: (part: Scored) => Float32Array): Float32Array => {
    const all = new Float32Array(parts.reduce((sum, part) => sum + of(part).length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(of(part), at);
      at += of(part).length;
    }
    return all;
  };
  return {
    finite: Uint8Array.from(parts.flatMap(({ finite }) => [...finite])),
    scores: floats(({ scores }) => scores),
    logits: floats(({ logits }) => logits),
  };
}
