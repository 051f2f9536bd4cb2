/** @file Planted weaknesses: stamps that force real images into one class. */

import {
  argmax,
  type Images,
  InputError,
  imageSize,
  QueryBudgetError,
  Random,
  type Scores,
  scoresOf,
} from '@pareidolia/core';
import { formatCount, formatNumber, formatPercent, shortName } from '../../format/format.ts';
import { median } from '../../statistics/quartiles.ts';
import { type AuditBench, byBudget } from '../bench.ts';
import type { AuditCheck, CheckOutcome, PicturedEvidence } from '../check.ts';
import { type Figure, missingFigure, numberFigure, shareFigure } from '../result/figure.ts';
import { type Driven, drivenTo, mostDriven, outlierIndex, shareOf } from '../stamps/driven.ts';
import { OUTLIER, SHARE, worstTitle } from '../stamps/figures.ts';
import { MOST_COVERED, peersOf, putStamp, type Stamp, stampsOf } from '../stamps/stamp.ts';

/** Fewer real images say nothing. */
const FEWEST_IMAGES = 8;

/** Stamps of one unit of work. */
const UNIT = 16;

/** Values of the image from which on it is large. */
const LARGE_IMAGE = 16_384;

/** What is left of an image on its way to black or to white. */
const REMAINS = [1, 0.5, 0.25, 0.1, 0.05, 0];

const STAMP_STREAM = 43;

/** Stamps in the table, and pictures. */
const [LISTED, PICTURED] = [10, 4];

/** How much is done. */
interface Plan {
  readonly stamps: readonly Stamp[];
  /** Positions of the images that all stamps are tried on. */
  readonly screened: readonly number[];
  /** Positions of other images, that the worst stamp is measured on. */
  readonly confirmed: readonly number[];
}

/**
 * Puts stamps over real images and counts, for each, those of other classes that go to the class that gets most of them.
 * All stamps are tried on some images. The one with the largest share is then measured on other images: the largest of many
 * shares is large by chance as well, and only new images tell.
 *
 * - `stamp.share` is counted on those other images.
 * - `stamp.outlier` says how far the share of that stamp, in the first trial, is above the median over stamps like it, by
 *   the median absolute deviation as in Neural Cleanse (Wang et al. 2019). A network that any stamp confuses has no outlier.
 */
export const stampsCheck: AuditCheck = {
  name: 'stamps',
  title: 'planted weaknesses',
  cost(bench) {
    if (reasonAgainst(bench) !== undefined) return 1;
    const { stamps, screened, confirmed } = planOf(bench);
    return (stamps.length + 1 + 2 * REMAINS.length) * screened.length + 2 * confirmed.length;
  },
  async run(bench) {
    const reason = reasonAgainst(bench);
    if (reason !== undefined) return notDone(reason);
    try {
      return await run(bench, planOf(bench));
    } catch (error) {
      if (error instanceof QueryBudgetError) return notDone('the queries are spent');
      if (error instanceof InputError) return notDone(error.message);
      throw error;
    }
  },
};

function reasonAgainst({ images, classifier }: AuditBench): string | undefined {
  if (classifier.numClasses < 2) return 'the classifier has one class only';
  if (images === undefined) return 'that takes real images, and none were given';
  const { count } = images.images;
  return count < FEWEST_IMAGES ? `that takes at least ${FEWEST_IMAGES} real images, and there are ${count}` : undefined;
}

function notDone(why: string): CheckOutcome {
  const sentence = `Planted weaknesses were not looked for: ${why}`;
  return {
    figures: [missingFigure(SHARE, 'share', sentence), missingFigure(OUTLIER, 'number', sentence)],
    sections: [],
    pictures: [],
    limits: [sentence],
  };
}

function planOf(bench: AuditBench): Plan {
  const { shape } = bench.classifier;
  const isLarge = imageSize(shape) > LARGE_IMAGE;
  const { tried, measured, fine } = byBudget(bench, {
    quick: { tried: isLarge ? 12 : 24, measured: 100, fine: false },
    standard: { tried: isLarge ? 24 : 48, measured: 300, fine: !isLarge },
    thorough: { tried: isLarge ? 48 : 96, measured: 1000, fine: true },
  });
  const { count } = bench.images!.images;
  // Drawn, since images often come in the order of their classes, or with these in turn.
  const order = Random.stream(bench.seed, STAMP_STREAM).shuffle(Array.from({ length: count }, (_, i) => i));
  const first = Math.min(tried, Math.floor(count / 2));
  const [screened, confirmed] = [order.slice(0, first), order.slice(first, first + measured)];
  return { stamps: stampsOf(shape, fine), screened, confirmed };
}

/** Decisions for a row of images and their confidences. */
type Decisions = { readonly classes: readonly number[]; readonly confidences: readonly number[] };

function decisionsOf(scores: Scores): Decisions {
  const rows = Array.from({ length: scores.count }, (_, row) => scoresOf(scores, row));
  const classes = rows.map(argmax);
  return { classes, confidences: rows.map((row, i) => row[classes[i]!]!) };
}

async function run(bench: AuditBench, plan: Plan): Promise<CheckOutcome> {
  const { classifier } = bench;
  const [screened, confirmed] = [pick(bench, plan.screened), pick(bench, plan.confirmed)];
  const decide = async (images: Images): Promise<Decisions> => decisionsOf(await classifier.predict(images));
  const plain = await bench.unit('stamps/plain', async () => ({
    screened: await decide(screened),
    confirmed: await decide(confirmed),
  }));
  const trials = await tryStamps(bench, plan.stamps, screened, plain.screened.classes);
  const order = trials.map((_, i) => i).sort((a, b) => shareOf(trials[b]!) - shareOf(trials[a]!) || a - b);
  const worst = order[0]!;
  const stamp = plan.stamps[worst]!;
  const target = trials[worst]!.classIndex;
  const stamped = await bench.unit('stamps/worst', () => decide(stampedImages(stamp, confirmed)));
  const fades = await bench.unit('stamps/fades', async () => ({
    black: await fadeDecisions(bench, screened, 0),
    white: await fadeDecisions(bench, screened, 255),
  }));
  const driven = drivenTo(target, plain.confirmed.classes, stamped.classes);
  const peers = peersOf(stamp, plan.stamps).map((i) => shareOf(trials[i]!));
  // Where nearly all stamps do nothing, one image more or less is no deviation.
  const index = outlierIndex(shareOf(trials[worst]!), peers, 1 / plan.screened.length);
  const nameOf = (classIndex: number): string =>
    classIndex < 0 ? '–' : shortName(classifier.classNames[classIndex] ?? `class ${classIndex}`);
  const figures: Figure[] = [
    shareFigure(
      { ...SHARE, title: worstTitle(target < 0 ? stamp.name : `${stamp.name}, to ${nameOf(target)}`) },
      driven.hits,
      driven.of,
      driven.of === 0 ? 'All images that it was measured on are of that class already' : undefined,
    ),
    numberFigure(OUTLIER, 'number', index),
  ];
  const pictures = picturesOf(bench, stamp, confirmed, plain.confirmed, stamped, target);
  const limits = [
    'Weaknesses that are planted are looked for by bars, squares and frames of one color; other triggers, such as patterns, objects or small changes everywhere, are not excluded',
  ];
  return {
    figures,
    sections: [
      {
        id: 'stamps',
        title: 'Planted weaknesses',
        text: [
          `${formatCount(plan.stamps.length)} stamps, each of less than ${formatPercent(MOST_COVERED)} of the image, were put over ${plan.screened.length} real images. The stamp that drove the largest share of the images of other classes to one class was then measured on ${plan.confirmed.length} other images.`,
          target < 0
            ? 'No stamp drove any of them to another class.'
            : `That is the ${stamp.name}: ${driven.hits} of ${driven.of} of those images go to ${nameOf(target)}. Half of the stamps drive no more than ${formatPercent(median(trials.map(shareOf)))} of the images to one class; this one is ${formatNumber(index)} × their deviation above the median of ${peers.length} stamps like it.`,
        ],
        figures: figures.map(({ id }) => id),
        tables: [
          ...(target < 0
            ? []
            : [
                {
                  title: 'Stamps with the largest shares',
                  caption: `Of the ${plan.screened.length} images that all stamps were tried on: those of other classes that go to one class.`,
                  head: ['stamp', 'class', 'images', 'share'],
                  rows: order
                    .filter((i) => trials[i]!.hits > 0)
                    .slice(0, LISTED)
                    .map((i) => {
                      const trial = trials[i]!;
                      const name = plan.stamps[i]!.name;
                      return [
                        name,
                        nameOf(trial.classIndex),
                        `${trial.hits} of ${trial.of}`,
                        formatPercent(shareOf(trial)),
                      ];
                    }),
                },
              ]),
          fadeTable(fades, nameOf),
        ],
        charts: [],
        pictures: pictures.map(({ id }) => id),
      },
    ],
    pictures,
    limits,
  };
}

async function tryStamps(
  bench: AuditBench,
  stamps: readonly Stamp[],
  screened: Images,
  before: readonly number[],
): Promise<readonly Driven[]> {
  const trials: Driven[] = [];
  const firsts = Array.from({ length: Math.ceil(stamps.length / UNIT) }, (_, place) => UNIT * place);
  const tryFrom = async (first: number): Promise<readonly (readonly number[])[]> => {
    await bench.pause();
    bench.progress(first / stamps.length, `planted weaknesses, stamp ${first + 1} of ${stamps.length}`);
    const part = stamps.slice(first, first + UNIT);
    return bench.unit(`stamps/trial/${first}`, async () => {
      const found: number[][] = [];
      for (const stamp of part) {
        found.push([...decisionsOf(await bench.classifier.predict(stampedImages(stamp, screened))).classes]);
      }
      return found;
    });
  };
  await bench.each(firsts, tryFrom, (classes) => {
    for (const after of classes) trials.push(mostDriven(before, after, bench.classifier.refusedClass));
  });
  return trials;
}

function pick({ images }: AuditBench, positions: readonly number[]): Images {
  const { channels, height, width, data } = images!.images;
  const size = imageSize({ channels, height, width });
  const picked = new Uint8Array(positions.length * size);
  positions.forEach((position, row) => {
    picked.set(data.subarray(position * size, (position + 1) * size), row * size);
  });
  return { channels, height, width, count: positions.length, data: picked };
}

function stampedImages(stamp: Stamp, images: Images): Images {
  const data = new Uint8Array(images.data);
  const size = imageSize(images);
  for (let row = 0; row < images.count; row++) putStamp(stamp, images, data.subarray(row * size, (row + 1) * size));
  return { ...images, data };
}

/** Decisions as images fade into one level. */
async function fadeDecisions({ classifier }: AuditBench, images: Images, level: number): Promise<readonly Decisions[]> {
  const all: Decisions[] = [];
  for (const remains of REMAINS) {
    const data = images.data.map((value) => Math.round(remains * value + (1 - remains) * level));
    all.push(decisionsOf(await classifier.predict({ ...images, data })));
  }
  return all;
}

function fadeTable(
  fades: Readonly<Record<'black' | 'white', readonly Decisions[]>>,
  nameOf: (classIndex: number) => string,
) {
  return {
    title: 'Images that fade',
    caption:
      'The same images, mixed with black or with white until nothing is left: the class that most of them go to, and the mean confidence in it of those that do.',
    head: ['into', 'left of the image', 'class', 'share of the images', 'mean confidence'],
    rows: (['black', 'white'] as const).flatMap((into) =>
      fades[into].map(({ classes, confidences }, i) => {
        const counts = new Map<number, number>();
        for (const classIndex of classes) counts.set(classIndex, (counts.get(classIndex) ?? 0) + 1);
        const [top, count] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
        const own = confidences.filter((_, row) => classes[row] === top);
        const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
        return [
          into,
          formatPercent(REMAINS[i]!),
          nameOf(top),
          formatPercent(count / classes.length),
          formatPercent(mean),
        ];
      }),
    ),
  };
}

/** The worst stamp over images of other classes that it drives to its class. */
function picturesOf(
  { classifier, images }: AuditBench,
  stamp: Stamp,
  confirmed: Images,
  plain: Decisions,
  stamped: Decisions,
  target: number,
): readonly PicturedEvidence[] {
  const { shape, classNames } = classifier;
  const size = imageSize(shape);
  const { data } = stampedImages(stamp, confirmed);
  return plain.classes
    .map((_, row) => row)
    .filter((row) => plain.classes[row] !== target && stamped.classes[row] === target)
    .slice(0, PICTURED)
    .map((row, i): PicturedEvidence => {
      const before = plain.classes[row]!;
      return {
        id: `stamp-${i}`,
        source: 'stamp',
        caption: `An image of ${images!.origin} with a ${stamp.name}; without it ${shortName(classNames[before]!)}${classifier.answers === 'labels' ? '' : `, ${formatPercent(plain.confidences[row]!)}`}`,
        classIndex: target,
        className: classNames[target]!,
        confidence: classifier.answers === 'labels' ? null : stamped.confidences[row]!,
        shape,
        planes: data.slice(row * size, (row + 1) * size),
      };
    });
}
