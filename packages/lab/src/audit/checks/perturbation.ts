/** @file How little real images must change for another decision: robust accuracy in balls, and the nearest adversarial images. */

import {
  argmax,
  type Images,
  type Interval,
  imageSize,
  type Norm,
  QueryBudgetError,
  selectImages,
} from '@pareidolia/core';
import { lineChart, PERCENT_AXIS, type Point } from '../../chart/line-chart.ts';
import { formatCount, formatEpsilon, formatNumber, formatPercent } from '../../format/format.ts';
import { medianInterval } from '../../statistics/order-statistic.ts';
import { median } from '../../statistics/quartiles.ts';
import { type Answers, answersOf, confidenceOf, decisionOf } from '../answers.ts';
import type { AuditBench, RealImages } from '../bench.ts';
import type { AuditCheck, CheckOutcome, PicturedEvidence } from '../check.ts';
import { type GradientSigns, gradientSigns, isBeyondChance, MOST_ZERO } from '../gradient-signs.ts';
import type { Figure, FigureName } from '../result/figure.ts';
import { missingFigure, numberFigure, shareFigure } from '../result/figure.ts';
import type { AuditSection } from '../result/result.ts';
import { decisionsAttack, gradientEnsemble, passesToNearest } from '../robustness/attacks.ts';
import { CUT, type Effort, isWithin, type NormTrials, tryNorm } from '../robustness/norm-trials.ts';
import { type MeasuredNorm, NORM_NAMES, NORMS, radiiOf, robustId } from '../robustness/radii.ts';
import { robustSingles } from '../robustness/robust-singles.ts';
import type { Subject } from '../robustness/trial.ts';
import { areSmall, imageAt, sampleImages } from '../sample.ts';
import type { SingleAnswers } from '../singles/single-answers.ts';

/** Real images that are attacked: small ones, large ones, and those of a model that is only asked. */
const SMALL_IMAGES = { quick: 24, standard: 100, thorough: 1000 } as const;
const LARGE_IMAGES = { quick: 8, standard: 24, thorough: 200 } as const;
const ASKED_IMAGES = { quick: 6, standard: 24, thorough: 100 } as const;

/** Queries of Square in AutoAttack. */
const FULL_SQUARE = 5000;

const EFFORT: Readonly<Record<AuditBench['budget'], Effort>> = {
  quick: { nearest: 24, blind: 8, left: 16, square: 1000, decisions: 1000, starts: 5 },
  standard: { nearest: 50, blind: 20, left: 50, square: 5000, decisions: 2500, starts: 10 },
  thorough: { nearest: 100, blind: 50, left: 200, square: 5000, decisions: 10_000, starts: 20 },
};

/** Of large images, which cost a network a hundred times as much. */
const LARGE_EFFORT: typeof EFFORT = {
  quick: { nearest: 4, blind: 2, left: 4, square: 500, decisions: 500, starts: 2 },
  standard: { nearest: 8, blind: 4, left: 8, square: 2000, decisions: 1000, starts: 2 },
  thorough: { nearest: 50, blind: 25, left: 100, square: 5000, decisions: 10_000, starts: 5 },
};

/** Of a model that is only asked: each query may be a request. */
const ASKED_EFFORT: typeof EFFORT = {
  quick: { nearest: 0, blind: 3, left: 6, square: 300, decisions: 500, starts: 0 },
  standard: { nearest: 0, blind: 12, left: 24, square: 1000, decisions: 1000, starts: 0 },
  thorough: { nearest: 0, blind: 50, left: 100, square: 5000, decisions: 5000, starts: 0 },
};

/** What an attack of a purpose was run on, for the table. */
const ON: Readonly<Record<string, string>> = {
  'in a ball': 'those left there',
  again: 'those where a black box came nearer',
};

/** Pairs of pictures of each norm. */
const SHOWN = 3;

export const perturbationCheck: AuditCheck = {
  name: 'perturbation',
  title: 'changes to real images',
  cost: (bench) => NORMS.reduce((sum, norm) => sum + costIn(bench, norm), 0),
  run,
};

/** Share of the images that are expected to withstand, which is what takes long. */
const LEFT = 0.25;

/** Passes that the gradient attacks in balls take for an image that they break, and for one that withstands all of them. */
const [BROKEN, WITHSTOOD] = [100, 8000];

/** @param count images that are attacked */
function costIn(
  bench: AuditBench,
  norm: MeasuredNorm,
  count = Math.min(countOf(bench), bench.images?.images.count ?? 0),
): number {
  const { classifier } = bench;
  const { nearest, blind, left, square, decisions } = effortOf(bench);
  const some = Math.min(blind, count);
  const asked = (some / 2 + LEFT * count) * square + (some + Math.min(left, LEFT * count)) * decisions;
  if (classifier.noGradient !== undefined) return asked;
  const each = passesToNearest(norm, classifier.numClasses);
  return asked + Math.min(nearest, count) * each + count * (BROKEN + LEFT * WITHSTOOD);
}

function countOf({ budget, classifier }: AuditBench): number {
  if (classifier.noGradient !== undefined) return ASKED_IMAGES[budget];
  return areSmall(classifier.shape) ? SMALL_IMAGES[budget] : LARGE_IMAGES[budget];
}

function effortOf({ budget, classifier }: AuditBench): Effort {
  if (classifier.noGradient !== undefined) return ASKED_EFFORT[budget];
  return (areSmall(classifier.shape) ? EFFORT : LARGE_EFFORT)[budget];
}

/** What is known of the images before any attack. */
interface Start {
  readonly sample: RealImages;
  readonly hasLabels: boolean;
  readonly decisions: readonly (number | undefined)[];
  /** Places of the images that are taken rightly. */
  readonly right: readonly number[];
  readonly subject: Subject;
  readonly gradients: GradientSigns;
}

async function run(bench: AuditBench): Promise<CheckOutcome> {
  const { classifier, images: real } = bench;
  if (real === undefined || real.images.count === 0) return nothing(bench, 'No real images were given');
  if (classifier.numClasses < 2) return nothing(bench, 'The model has one class, so no decision can change');
  const sample = sampleImages(bench, real, countOf(bench));
  let start: Start;
  try {
    start = await begin(bench, sample);
  } catch (error) {
    if (!(error instanceof QueryBudgetError)) throw error;
    return nothing(bench, `${CUT} before images were changed`);
  }
  const outcome: Mutable = {
    figures: [],
    sections: [],
    pictures: [],
    singles: [],
    limits: limitsOf(bench, real, start),
  };
  if (start.right.length === 0) {
    const why = start.decisions.every((decision) => decision === undefined)
      ? 'No image has finite scores'
      : 'No image is taken rightly, so there is no decision to protect';
    for (const norm of NORMS) {
      outcome.figures.push(
        ...[0, ...radiiOf(classifier.shape, bench.radii, norm)].map((radius) =>
          shareFigure(robustName(norm, radius), 0, sample.images.count),
        ),
        missingFigure(distanceName(norm), 'distance', why),
      );
    }
    outcome.limits.push(why);
    return { ...outcome, figures: [...outcome.figures, ...otherNorms(bench)] };
  }
  // Only those that are taken rightly are attacked.
  const costs = NORMS.map((norm) => costIn(bench, norm, start.right.length));
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  let before = 0;
  await bench.each(
    NORMS,
    async (norm, place) => {
      const [from, expected] = [before, costs[place]!];
      const radii = radiiOf(classifier.shape, bench.radii, norm);
      const trials = await tryNorm(
        bench,
        norm,
        radii,
        start.subject,
        effortOf(bench),
        start.gradients.refused === null,
        (doing, passes) => {
          // What takes longer than expected never comes to its end by that.
          const share = passes / Math.max(expected, 1.1 * passes, 1);
          bench.progress((from + share * expected) / Math.max(total, 1), `${NORM_NAMES[norm]}: ${doing}`);
        },
      );
      return { trials, pictures: await picturesOf(bench, start, trials) };
    },
    ({ trials, pictures }, norm, place) => {
      before += costs[place]!;
      const doubt = doubtOf(bench, start, trials);
      const figures = figuresOf(start, trials, doubt);
      outcome.figures.push(...figures);
      outcome.pictures.push(...pictures);
      outcome.singles.push(...robustSingles(start.sample, start.right, trials));
      outcome.sections.push(sectionOf(start, trials, figures, pictures, doubt));
      if (trials.cut) outcome.limits.push(`${CUT} during the attacks in ${NORM_NAMES[norm]}`);
    },
  );
  return { ...outcome, figures: [...outcome.figures, ...otherNorms(bench)] };
}

interface Mutable {
  readonly figures: Figure[];
  readonly sections: AuditSection[];
  readonly pictures: PicturedEvidence[];
  readonly singles: SingleAnswers[];
  readonly limits: string[];
}

/** Asks for the decisions on the images as they are, and looks at the gradients there. */
async function begin(bench: AuditBench, sample: RealImages): Promise<Start> {
  const { classifier } = bench;
  bench.progress(0, 'decisions');
  const answers: Answers = await bench.unit('perturbation/originals', () => answersOf(classifier, sample.images));
  // Attacks go by the logits, which tell classes apart whose confidences float32 rounds to the same.
  const logits = await bench.unit('perturbation/logits', async () =>
    classifier.noGradient === undefined ? (await classifier.logits(sample.images)).data.slice() : answers.scores,
  );
  const { numClasses } = classifier;
  const decisions = Array.from({ length: sample.images.count }, (_, place) =>
    answers.finite[place] === 1 ? argmax(logits.subarray(place * numClasses, (place + 1) * numClasses)) : undefined,
  );
  const hasLabels = sample.labels !== undefined;
  const right = [...decisions.keys()].filter((place) => {
    const decision = decisions[place];
    if (decision === undefined || decision === classifier.refusedClass) return false;
    return !hasLabels || decision === sample.labels![place];
  });
  const subject: Subject = {
    images: selectImages(sample.images, right),
    labels: Int32Array.from(right, (place) => decisions[place]!),
  };
  const gradients = await bench.unit('perturbation/gradients', () =>
    gradientSigns(classifier, subject.images, subject.labels),
  );
  return { sample, hasLabels, decisions, right, subject, gradients };
}

function nothing(bench: AuditBench, why: string): CheckOutcome {
  const asked = NORMS.flatMap((norm) => (bench.radii[norm] ?? []).map((radius) => robustName(norm, radius)));
  return {
    figures: [
      ...asked.map((name) => missingFigure(name, 'share', why)),
      ...NORMS.map((norm) => missingFigure(distanceName(norm), 'distance', why)),
      ...otherNorms(bench),
    ],
    sections: [],
    pictures: [],
    limits: [`${why}, so it was not measured how little an image must change`],
  };
}

/** Gates may ask for norms that the audit does not attack in. */
function otherNorms({ radii }: AuditBench): readonly Figure[] {
  return (['l1', 'l0'] as const).flatMap((norm) =>
    (radii[norm] ?? []).map((radius) =>
      missingFigure(robustName(norm, radius), 'share', `The audit has no attacks in ${NORM_NAMES[norm]}`),
    ),
  );
}

function limitsOf(bench: AuditBench, real: RealImages, { sample, hasLabels, decisions, gradients }: Start): string[] {
  const limits: string[] = [];
  if (sample.images.count < real.images.count) {
    limits.push(
      `${formatCount(sample.images.count)} of ${formatCount(real.images.count)} images were attacked, drawn at random; a larger --budget takes more`,
    );
  }
  if (!hasLabels) {
    limits.push(
      'The right classes of the images are not known: the network’s own decisions stand for them, so that robustness is that of its decisions, right or wrong',
    );
  }
  const { refusedClass } = bench.classifier;
  if (refusedClass !== undefined) {
    const refused = decisions.filter((decision) => decision === refusedClass).length;
    limits.push(
      `Network and detector were attacked together: a changed image counts only where it is accepted as a wrong class, and ${formatCount(refused)} of ${formatCount(sample.images.count)} images that are refused as they are count as not taken rightly`,
      'Where the detector accepts, attacks are not told how far from refusal an image is, so more may fall than did',
    );
  }
  if (gradients.refused !== null) limits.push(`No attack could follow gradients: ${gradients.refused}`);
  if (bench.classifier.answers === 'labels') {
    limits.push('The model tells only the label, so only an attack that sees decisions was run');
  }
  const { square } = effortOf(bench);
  if (square < FULL_SQUARE && bench.classifier.answers !== 'labels') {
    limits.push(
      `Square ran with ${formatCount(square)} queries in place of its ${formatCount(FULL_SQUARE)}, so robust accuracy may be less than it looks; a larger --budget runs more`,
    );
  }
  return limits;
}

/** Why more images may fall than did: a sentence without a full stop. */
function doubtOf(bench: AuditBench, { gradients, right }: Start, trials: NormTrials): string | undefined {
  const { masked, undecided, cut } = trials;
  if (cut) return `${CUT} before all attacks had run, so more may fall`;
  if (gradients.refused !== null) {
    return 'No attack could follow gradients, only attacks that see scores or decisions were run, so more may fall';
  }
  if (isBeyondChance(masked.length, right.length)) {
    return `A black box broke ${formatCount(masked.length)} of ${formatCount(right.length)} images where gradient attacks found nothing nearly as near: gradients are masked, and more may fall`;
  }
  if (Math.max(gradients.zero, gradients.zeroMargin) > MOST_ZERO * gradients.of) {
    return `The gradient is zero at ${formatCount(Math.max(gradients.zero, gradients.zeroMargin))} of ${formatCount(gradients.of)} images, so that attacks which follow it stand still and more may fall`;
  }
  if (undecided.length > 0) {
    return `At ${formatCount(undecided.length)} images outputs or gradients were not finite, so that nobody knows whether they withstand`;
  }
  if (bench.classifier.gradientKind === 'straight-through') {
    return 'The network rounds what it computes, so its gradient is an estimate and more may fall';
  }
  return undefined;
}

/** Why more images may fall in one ball than did, where nothing speaks against gradients as such. */
function doubtAt(radius: number, counted: readonly number[], { seen, blind }: NormTrials): string | undefined {
  const late = counted.filter((place) => isWithin(blind[place]!, radius) && !isWithin(seen[place]!, radius)).length;
  if (!isBeyondChance(late, counted.length)) return undefined;
  return `In this ball a black box broke ${formatCount(late)} of ${formatCount(counted.length)} images that gradient attacks did not, so more may fall`;
}

function robustName(norm: Norm, radius: number): FigureName {
  const title =
    radius === 0
      ? `Right as they are, of the images attacked in ${NORM_NAMES[norm]}`
      : `Robust accuracy, at most, in ${NORM_NAMES[norm]} ${formatEpsilon(radius)}`;
  return { id: robustId(norm, radius), title, better: 'higher' };
}

function distanceName(norm: Norm): FigureName {
  return {
    id: `distance.${norm}`,
    title: `Median distance of the nearest adversarial image, at most, in ${NORM_NAMES[norm]}`,
    better: 'higher',
  };
}

function figuresOf({ sample, right, gradients }: Start, trials: NormTrials, doubt: string | undefined): Figure[] {
  const { norm, radii, seen, blind, tried, nearest, masked } = trials;
  // Of a model whose budget ended only the images up to the last that was attacked.
  const counted = [...right.keys()].filter((place) => tried.has(place));
  const all = counted.length === right.length;
  const of = all ? sample.images.count : (right[counted.at(-1) ?? 0] ?? 0) + 1;
  const wrong = of - right.filter((place) => place < of).length;
  const figures: Figure[] = [];
  const least = (place: number): number => Math.min(seen[place]!, blind[place]!);
  if (counted.length === 0) {
    const why = doubt ?? 'No image was attacked';
    figures.push(...radii.map((radius) => missingFigure(robustName(norm, radius), 'share', why)));
    return [...figures, missingFigure(distanceName(norm), 'distance', why)];
  }
  figures.push(shareFigure(robustName(norm, 0), counted.length, counted.length + wrong));
  for (const radius of radii) {
    const hits = counted.filter((place) => !isWithin(least(place), radius)).length;
    // That all have fallen is certain.
    const own = gradients.refused === null ? (doubt ?? doubtAt(radius, counted, trials)) : doubt;
    figures.push(shareFigure(robustName(norm, radius), hits, counted.length + wrong, hits > 0 ? own : undefined));
  }
  const maskedName: FigureName = {
    id: `masked.${norm}`,
    title: `Images that black boxes broke, and gradients not nearly, in ${NORM_NAMES[norm]}`,
    better: 'lower',
  };
  figures.push(
    gradients.refused === null
      ? shareFigure(maskedName, masked.length, counted.length)
      : missingFigure(maskedName, 'share', `No attack could follow gradients: ${gradients.refused}`),
  );
  const distances = nearest.map(least).sort((a, b) => a - b);
  const middle = distances.length === 0 ? Number.NaN : middleOf(distances);
  figures.push(
    Number.isFinite(middle)
      ? numberFigure(distanceName(norm), 'distance', middle, { interval: finite(medianInterval(distances)), doubt })
      : missingFigure(distanceName(norm), 'distance', 'For half of the images or more no adversarial image was found'),
  );
  return figures;
}

/** No interval where its upper end is not known. */
function finite(interval: Interval | null): Interval | null {
  return interval !== null && Number.isFinite(interval[1]) ? interval : null;
}

/** The median of ascending numbers, some of which may be infinite. */
function middleOf(ascending: readonly number[]): number {
  const [low, high] = [ascending[(ascending.length - 1) >> 1]!, ascending[ascending.length >> 1]!];
  return low === high ? low : (low + high) / 2;
}

async function picturesOf(bench: AuditBench, start: Start, trials: NormTrials): Promise<readonly PicturedEvidence[]> {
  const shown = trials.found.slice(0, SHOWN);
  if (shown.length === 0) return [];
  const { classifier } = bench;
  const { sample, right, subject } = start;
  const { norm } = trials;
  const { shape } = classifier;
  const size = imageSize(shape);
  const images: Images = { ...shape, count: 2 * shown.length, data: new Uint8Array(2 * shown.length * size) };
  for (const [row, { place, image }] of shown.entries()) {
    images.data.set(imageAt(subject.images, place), 2 * row * size);
    images.data.set(image, (2 * row + 1) * size);
  }
  let answers: Answers;
  try {
    answers = await bench.unit(`perturbation/pictures/${norm}`, () => answersOf(classifier, images));
  } catch (error) {
    if (!(error instanceof QueryBudgetError)) throw error;
    return [];
  }
  return shown.flatMap(({ place, linf, l2, by }, pair) => {
    const distance = `Linf ${formatNumber(linf)}, L2 ${formatNumber(l2)}`;
    return [false, true].map((isChanged): PicturedEvidence => {
      const row = 2 * pair + Number(isChanged);
      const decision = decisionOf(answers, row);
      const name = sample.names[right[place]!]!;
      const label = classifier.classNames[subject.labels[place]!]!;
      return {
        id: `perturbation-${norm}-${pair}${isChanged ? '' : '-original'}`,
        source: isChanged ? by : 'original',
        caption: isChanged ? `${name}, changed by ${distance}; was taken for ${label}` : `${name}, as it is`,
        classIndex: decision ?? null,
        className: decision === undefined ? null : classifier.classNames[decision]!,
        confidence: decision === undefined || classifier.answers === 'labels' ? null : confidenceOf(answers, row),
        shape,
        planes: imageAt(images, row),
      };
    });
  });
}

function sectionOf(
  { sample, right, hasLabels, gradients }: Start,
  trials: NormTrials,
  figures: readonly Figure[],
  pictures: readonly PicturedEvidence[],
  doubt: string | undefined,
): AuditSection {
  const { norm, radii, seen, blind, late, rows } = trials;
  const name = NORM_NAMES[norm];
  const taken = hasLabels ? 'taken rightly' : 'with a decision';
  const decisions = decisionsAttack(norm);
  const ran =
    gradients.refused === null
      ? `AutoAttack’s members that follow gradients (${gradientEnsemble()
          .members.map(({ title }) => title)
          .join(', ')}), each on what those before left, and Square`
      : 'Attacks that need no gradient';
  const text = [
    `${formatCount(right.length)} of ${formatCount(sample.images.count)} images are ${taken} and were attacked in ${name}. ${ran} and ${decisions?.title ?? 'no attack that sees decisions'} were run; an image counts as robust only where none of them broke it, as an 8-bit image. So the robust accuracy is at most what is shown: a better attack can only lower it.`,
    ...(doubt === undefined ? [] : [`${doubt}.`]),
  ];
  const curve = (series: string, distanceOf: (place: number) => number): Point[] =>
    [0, ...radii].map((radius) => ({
      x: radius,
      series,
      value:
        right.filter((_, place) => radius === 0 || !isWithin(distanceOf(place), radius)).length / sample.images.count,
    }));
  const points = [
    ...curve('all attacks', (place) => Math.min(seen[place]!, blind[place]!)),
    ...(late.length > 0 ? curve('gradient attacks only', (place) => seen[place]!) : []),
  ];
  return {
    id: `perturbation-${norm}`,
    title: `Changes to real images, ${name}`,
    text,
    figures: figures.map(({ id }) => id),
    tables: [
      {
        title: `Attacks in ${name}`,
        caption:
          'Each attack in the order in which it was run. Queries are forward passes for each image that was broken, in the median; attacks that look for the nearest image spend all that they may. Misread are those of them with another decision than the first, which a monitor may see.',
        head: ['Attack', 'Sees', 'Radius', 'On', 'Images', 'Broke', 'Queries', 'Misread'],
        rows: rows.map(({ attack, radius, purpose, tried }) => {
          const broken = tried.filter(({ distance }) => distance !== null);
          const middle = (values: readonly number[]): string =>
            values.length === 0 ? '' : formatCount(median([...values]));
          return [
            attack.title,
            attack.access,
            radius === undefined ? 'nearest' : formatEpsilon(radius),
            ON[purpose] ?? 'some, whatever fell before',
            formatCount(tried.length),
            `${formatCount(broken.length)} (${formatPercent(broken.length / tried.length)})`,
            middle(broken.map(({ forward }) => forward)),
            middle(broken.flatMap(({ misread }) => misread ?? [])),
          ];
        }),
      },
    ],
    charts: [
      {
        title: `Robust accuracy over the radius, ${name}`,
        caption: 'Share of the attacked images that are right and that no attack broke: at most so many withstand.',
        spec: lineChart(points, { title: `${name} radius`, format: '.3~g' }, PERCENT_AXIS),
      },
    ],
    pictures: pictures.map(({ id }) => id),
  };
}
