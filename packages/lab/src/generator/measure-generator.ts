/** @file How good a generator is, beside the floor: real images that nobody trained on, held against those of training. */

import {
  argmax,
  auroc,
  aurocInterval,
  classifierScore,
  type Features,
  featureGaussian,
  frechetDistance,
  type Images,
  InputError,
  type Interval,
  imageSize,
  nearestRows,
  precisionRecall,
  type Scores,
  scoresOf,
  wilsonInterval,
} from '@pareidolia/core';
import { type Quartiles, quartiles } from '../statistics/quartiles.ts';

/** Images as a network of features sees them. */
export interface SeenImages {
  readonly images: Images;
  readonly features: Features;
  /** Probabilities. */
  readonly scores: Scores;
  /** A discriminator's log-odds that each is real, where there is a discriminator. */
  readonly odds?: Float64Array | undefined;
}

/** What a generator is measured with. */
export interface GeneratorSubject {
  /** What it made. */
  readonly generated: SeenImages;
  /** Real images, those that it was trained on or of their kind. */
  readonly training: SeenImages;
  /** Other real images, as many. */
  readonly heldOut: SeenImages;
  /** All training images there are, among which the nearest are looked for. */
  readonly among: Images;
  readonly classNames: readonly string[];
  /** Awaited between pieces of work. */
  readonly pause: (share: number, doing: string) => Promise<void>;
}

/** A share with its 95 % interval (Wilson). */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly share: number;
  readonly interval: Interval;
}

/** An image with the training image nearest to it. */
export interface NearestPair {
  /** Place of the image. */
  readonly place: number;
  /** Place among the training images. */
  readonly nearest: number;
  /** Euclidean, pixels in [0, 1]. */
  readonly distance: number;
  readonly className: string;
  readonly confidence: number;
}

/** Figures, each of the generator beside the same of held-out real images. */
export interface GeneratorMeasures {
  /** Images of each kind, and features of each. */
  readonly count: number;
  readonly width: number;
  /** Squared Frechet distance to the training images. */
  readonly frechet: { readonly generated: number; readonly floor: number };
  readonly precision: { readonly generated: Share; readonly floor: Share };
  readonly recall: { readonly generated: Share; readonly floor: Share };
  /** From 1 to the number of classes. */
  readonly classifierScore: { readonly generated: number; readonly real: number };
  /** How many images are taken for each class. */
  readonly classes: readonly { readonly className: string; readonly generated: number; readonly real: number }[];
  readonly nearest: {
    /** Images of each kind that were compared, and with how many training images. */
    readonly compared: number;
    readonly among: number;
    /** Distances to the nearest training image. */
    readonly generated: Quartiles;
    readonly floor: Quartiles;
    /** Generated images that lie nearer to a training image than any of the held-out ones does. */
    readonly nearer: number;
    /** Generated images that are one, to the pixel. */
    readonly copies: number;
    readonly pairs: readonly NearestPair[];
  };
  readonly discriminator: {
    /** Mean probability of being real. */
    readonly generated: number;
    readonly real: number;
    /** The chance that a held-out real image scores higher than a generated one. */
    readonly auroc: number;
    readonly interval: Interval;
  } | null;
}

/** Images that the nearest training image is looked for of. */
const MOST_COMPARED = 200;

/**
 * Measures a generator.
 *
 * @throws InputError where there are too few images
 */
export async function measureGenerator(subject: GeneratorSubject): Promise<GeneratorMeasures> {
  const { generated, training, heldOut, classNames, pause } = subject;
  const { count } = generated.images;
  const { width } = training.features;
  if (training.images.count !== count || heldOut.images.count !== count) {
    throw new InputError('Frechet distances are compared of equally many images; give as many of each kind');
  }
  await pause(0.3, 'Frechet distance');
  const real = featureGaussian(training.features);
  const frechet = {
    generated: frechetDistance(real, featureGaussian(generated.features)),
    floor: frechetDistance(real, featureGaussian(heldOut.features)),
  };
  await pause(0.4, 'precision and recall');
  const own = precisionRecall(training.features, generated.features);
  await pause(0.5, 'precision and recall of real images');
  const floor = precisionRecall(training.features, heldOut.features);
  const share = (hits: number): Share => ({
    count: hits,
    of: count,
    share: hits / count,
    interval: wilsonInterval(hits, count),
  });
  await pause(0.6, 'nearest training images');
  return {
    count,
    width,
    frechet,
    precision: { generated: share(own.within.generated), floor: share(floor.within.generated) },
    recall: { generated: share(own.within.real), floor: share(floor.within.real) },
    classifierScore: { generated: classifierScore(generated.scores), real: classifierScore(heldOut.scores) },
    classes: classNames.map((className, k) => ({
      className,
      generated: decided(generated.scores, k),
      real: decided(heldOut.scores, k),
    })),
    nearest: await nearestOf(subject),
    discriminator: judged(generated.odds, heldOut.odds),
  };
}

function decided(scores: Scores, classIndex: number): number {
  let count = 0;
  for (let row = 0; row < scores.count; row++) if (argmax(scoresOf(scores, row)) === classIndex) count++;
  return count;
}

async function nearestOf({
  generated,
  heldOut,
  among,
  classNames,
  pause,
}: GeneratorSubject): Promise<GeneratorMeasures['nearest']> {
  const size = imageSize(among);
  const rows = ({ data }: Images, from: number, count: number) => ({
    count,
    width: size,
    data: data.subarray(from * size, (from + count) * size),
  });
  const compared = Math.min(MOST_COMPARED, generated.images.count, heldOut.images.count);
  const all = rows(among, 0, among.count);
  const distances: { readonly index: number; readonly distance: number }[][] = [[], []];
  for (let place = 0; place < compared; place++) {
    await pause(0.6 + (0.4 * place) / compared, 'nearest training images');
    for (const [kind, { images }] of [generated, heldOut].entries()) {
      const [found] = nearestRows(rows(images, place, 1), all);
      distances[kind]!.push({ index: found!.index, distance: found!.distance / 255 });
    }
  }
  const [own, floor] = distances.map((each) => each.map(({ distance }) => distance)) as [number[], number[]];
  const least = Math.min(...floor);
  return {
    compared,
    among: among.count,
    generated: quartiles(own),
    floor: quartiles(floor),
    nearer: own.filter((distance) => distance < least).length,
    copies: own.filter((distance) => distance === 0).length,
    pairs: distances[0]!.map(({ index, distance }, place): NearestPair => {
      const scores = scoresOf(generated.scores, place);
      const top = argmax(scores);
      return { place, nearest: index, distance, className: classNames[top]!, confidence: scores[top]! };
    }),
  };
}

function judged(
  generated: Float64Array | undefined,
  real: Float64Array | undefined,
): GeneratorMeasures['discriminator'] {
  if (generated === undefined || real === undefined) return null;
  const mean = (odds: Float64Array): number => odds.reduce((sum, z) => sum + 1 / (1 + Math.exp(-z)), 0) / odds.length;
  const area = auroc(real, generated);
  return {
    generated: mean(generated),
    real: mean(real),
    auroc: area,
    interval: aurocInterval(area, real.length, generated.length),
  };
}
