/** @file What can be trusted of the model's answers: whether they repeat, depend on other images, are finite, say exactly 1. */

import { batchOf, type Images, probeImages, QueryBudgetError, selectImages, sliceImages } from '@pareidolia/core';
import { formatCount, formatPercent } from '../../format/format.ts';
import { type Answers, answersOf, confidenceOf, decisionOf } from '../answers.ts';
import { type AuditBench, byBudget } from '../bench.ts';
import type { AuditCheck, CheckOutcome } from '../check.ts';
import { type GradientSigns, gradientSigns } from '../gradient-signs.ts';
import { type Figure, type FigureName, missingFigure, numberFigure, shareFigure } from '../result/figure.ts';
import { sampleImages } from '../sample.ts';

/** Real images that are looked at. */
const IMAGES = { quick: 40, standard: 100, thorough: 200 } as const;

/** Images that are asked about alone, too. */
const ALONE = 4;

const NAMES = {
  notFinite: { id: 'not-finite', title: 'Images whose scores are not finite', better: 'lower' },
  repeat: { id: 'repeat-difference', title: 'Largest change of a confidence between two calls', better: 'lower' },
  batch: { id: 'batch-difference', title: 'Largest change of a confidence by other images beside', better: 'lower' },
  saturated: { id: 'saturated', title: 'Images with a confidence of exactly 1', better: 'lower' },
  zero: { id: 'gradient.zero', title: 'Images whose gradient of the probability is zero', better: 'lower' },
  zeroMargin: { id: 'gradient.zero-margin', title: 'Images whose gradient of the margin is zero', better: 'lower' },
  unsound: { id: 'gradient.not-finite', title: 'Images whose gradient is not finite', better: 'lower' },
} satisfies Record<string, FigureName>;

/** What the unit stores. */
type Looked = {
  readonly first: Answers;
  readonly second: Answers;
  /** Of the first few images, each in a call of its own. */
  readonly alone: Answers;
};

export const modelCheck: AuditCheck = {
  name: 'model',
  title: 'the model itself',
  cost: (bench) => 11 * Math.min(byBudget(bench, IMAGES), bench.images?.images.count ?? 5),
  run,
};

async function run(bench: AuditBench): Promise<CheckOutcome> {
  const { classifier } = bench;
  const probes = batchOf(classifier.shape, probeImages(classifier.shape));
  const real = bench.images && sampleImages(bench, bench.images, byBudget(bench, IMAGES)).images;
  const images = real === undefined ? probes : joined(real, probes);
  // Real ones first; where there are none the probes stand for them.
  const own = real?.count ?? probes.count;
  const what = real === undefined ? 'probe images (noise, black, white, grey)' : 'real images';
  let looked: Looked;
  let gradients: GradientSigns;
  try {
    looked = await bench.unit('model/answers', async () => {
      const first = await answersOf(classifier, images);
      const second = await answersOf(classifier, images);
      const few = sliceImages(images, 0, Math.min(ALONE, images.count));
      const rows: Answers[] = [];
      for (let place = 0; place < few.count; place++) {
        rows.push(await answersOf(classifier, selectImages(few, [place])));
      }
      return { first, second, alone: together(rows) };
    });
    await bench.pause();
    gradients = await bench.unit('model/gradients', () => gradientsOf(classifier, sliceImages(images, 0, own), looked));
  } catch (error) {
    if (!(error instanceof QueryBudgetError)) throw error;
    return {
      figures: [],
      sections: [],
      pictures: [],
      limits: ['The budget of queries ended before the model itself was looked at'],
    };
  }
  const figures = figuresOf(bench, looked, gradients, own);
  return {
    figures,
    sections: [sectionOf(bench, figures, gradients, { own, what, probes: probes.count })],
    pictures: [],
    limits:
      real === undefined
        ? ['Without real images the model was looked at with noise, black, white and grey images only']
        : [],
  };
}

/** Of the decisions, but for images that a detector refuses: no attack begins there. */
async function gradientsOf(
  classifier: AuditBench['classifier'],
  images: Images,
  { first }: Looked,
): Promise<GradientSigns> {
  const sound = Array.from({ length: images.count }, (_, place) => place).filter((place) => first.finite[place] === 1);
  const accepted = sound.filter((place) => decisionOf(first, place) !== classifier.refusedClass);
  if (sound.length > 0 && accepted.length === 0) {
    const refused = 'the detector refuses all images that were looked at';
    return { refused, of: 0, zero: 0, zeroMargin: 0, notFinite: 0 };
  }
  const decisions = Int32Array.from(accepted, (place) => decisionOf(first, place)!);
  return gradientSigns(classifier, selectImages(images, accepted), decisions);
}

function figuresOf(
  { classifier }: AuditBench,
  { first, second, alone }: Looked,
  gradients: GradientSigns,
  own: number,
): Figure[] {
  const all = first.finite.length;
  const notFinite = all - sum(first.finite);
  const sound = sum(first.finite.subarray(0, own));
  const saturated = Array.from({ length: own }, (_, place) => place).filter(
    (place) => first.finite[place] === 1 && confidenceOf(first, place) === 1,
  ).length;
  const share = (name: FigureName, count: number): Figure =>
    gradients.refused === null
      ? shareFigure(name, count, gradients.of)
      : missingFigure(name, 'share', gradients.refused);
  return [
    shareFigure(NAMES.notFinite, notFinite, all),
    numberFigure(NAMES.repeat, 'probability', difference(first, second)),
    numberFigure(NAMES.batch, 'probability', difference(alone, first)),
    classifier.answers === 'labels'
      ? missingFigure(NAMES.saturated, 'share', 'The model tells only the label')
      : shareFigure(NAMES.saturated, saturated, sound, sound === 0 ? 'No image has finite scores' : undefined),
    share(NAMES.zero, gradients.zero),
    share(NAMES.zeroMargin, gradients.zeroMargin),
    share(NAMES.unsound, gradients.notFinite),
  ];
}

function sectionOf(
  { classifier }: AuditBench,
  figures: readonly Figure[],
  gradients: GradientSigns,
  { own, what, probes }: { readonly own: number; readonly what: string; readonly probes: number },
): CheckOutcome['sections'][number] {
  const value = (name: FigureName): number | null => figures.find(({ id }) => id === name.id)!.value;
  const counted = (name: FigureName): string => {
    const { counted: count, why } = figures.find(({ id }) => id === name.id)!;
    return count === null ? (why ?? 'not measured') : `${formatCount(count.hits)} of ${formatCount(count.of)}`;
  };
  const same = (name: FigureName): string =>
    value(name) === 0 ? 'yes, bit for bit' : `not exactly: by up to ${formatPercent(value(name)!)}`;
  const gradient =
    gradients.refused ?? (classifier.gradientKind === 'straight-through' ? 'an estimate (straight-through)' : 'exact');
  const { reading } = classifier;
  return {
    id: 'model',
    title: 'The model itself',
    text: [
      `What can be trusted of its answers, on ${formatCount(own)} ${what} and ${formatCount(probes)} probe images.`,
    ],
    figures: figures.map(({ id }) => id),
    tables: [
      {
        title: 'Facts',
        caption: 'Confidences are those of 8-bit images.',
        head: ['What', 'Found'],
        rows: [
          ...(reading === undefined ? [] : [['Outputs', reading.why]]),
          ['Same images twice, same answer', same(NAMES.repeat)],
          ['Same answer alone as beside other images', same(NAMES.batch)],
          ['Scores that are not finite', counted(NAMES.notFinite)],
          ['Confidence of exactly 1', counted(NAMES.saturated)],
          ['Gradient', gradient],
          ...(gradients.refused === null
            ? [
                ['Zero gradient of the probability', counted(NAMES.zero)],
                ['Zero gradient of the margin', counted(NAMES.zeroMargin)],
                ['Gradient not finite', counted(NAMES.unsound)],
              ]
            : []),
        ],
      },
    ],
    charts: [],
    pictures: [],
  };
}

/** The largest difference of a confidence; an answer that is finite only once differs as far as it can. */
function difference(some: Answers, others: Answers): number {
  let most = 0;
  const width = some.scores.length / some.finite.length;
  some.finite.forEach((finite, row) => {
    if (finite !== others.finite[row]) most = 1;
  });
  for (let i = 0; i < some.finite.length * width; i++) {
    most = Math.max(most, Math.abs(some.scores[i]! - others.scores[i]!));
  }
  return most;
}

function together(rows: readonly Answers[]): Answers {
  const width = rows[0]?.scores.length ?? 0;
  const scores = new Float32Array(rows.length * width);
  rows.forEach((row, place) => {
    scores.set(row.scores, place * width);
  });
  return { finite: Uint8Array.from(rows, ({ finite }) => finite[0]!), scores };
}

function joined(some: Images, others: Images): Images {
  const data = new Uint8Array(some.data.length + others.data.length);
  data.set(some.data);
  data.set(others.data, some.data.length);
  return { ...some, count: some.count + others.count, data };
}

function sum(values: Uint8Array): number {
  return values.reduce((total, value) => total + value, 0);
}
