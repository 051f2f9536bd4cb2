/** @file What goes wrong between a generator and a discriminator, and how it is noticed. */

import { type Images, imageSize } from '../../image/images.ts';

/** How the training of two networks against each other goes wrong. */
export type GanTrouble = 'collapsed' | 'unopposed';

/** What of an epoch is looked at. */
export interface WatchedEpoch {
  /** {@link diversity} of the images after the epoch. */
  readonly diversity: number;
  /** Shares of real and of generated images that the discriminator was right about, over the epoch. */
  readonly realRight: number;
  readonly fakeRight: number;
}

/** Images that the diversity is measured on. */
export const DIVERSITY_IMAGES = 256;

/** Below this diversity, images of different latent vectors count as the same. */
const SAME = 0.2;

/** From this share on, the discriminator counts as right about all images. */
const ALL = 0.99;

/** Epochs in a row that have to show a trouble. */
const LONG = 2;

/**
 * How much images differ, beside others: the median distance (L2) of an image to the nearest other one, over the same median of
 * as many reference images. 1 where they differ as much, 0 where more than half have a twin: a generator that collapsed makes the
 * same few images whatever its latent vectors are.
 *
 * @param images at least two
 * @param reference at least two, of the same shape
 */
export function diversity(images: Images, reference: Images): number {
  return medianNearest(images) / Math.max(medianNearest(reference), Number.MIN_VALUE);
}

/**
 * What the last epochs show: images that are all but the same (`collapsed`), or a discriminator that was right about all images,
 * whose loss is then nearly constant and teaches the generator hardly anything (`unopposed`).
 *
 * @param epochs in their order
 */
export function troubleOf(epochs: readonly WatchedEpoch[]): GanTrouble | undefined {
  if (epochs.length < LONG) return undefined;
  if (hasCollapsed(epochs)) return 'collapsed';
  const last = epochs.slice(-LONG);
  if (last.every(({ realRight, fakeRight }) => realRight >= ALL && fakeRight >= ALL)) return 'unopposed';
  return undefined;
}

/**
 * Whether the images of the last epochs are all but the same.
 *
 * @param epochs in their order
 */
export function hasCollapsed(epochs: readonly Pick<WatchedEpoch, 'diversity'>[]): boolean {
  return epochs.length >= LONG && epochs.slice(-LONG).every(({ diversity }) => diversity < SAME);
}

function medianNearest(images: Images): number {
  const { count, data } = images;
  const size = imageSize(images);
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (let one = 0; one < count; one++) {
    for (let other = one + 1; other < count; other++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += (data[one * size + i]! - data[other * size + i]!) ** 2;
      if (sum < nearest[one]!) nearest[one] = sum;
      if (sum < nearest[other]!) nearest[other] = sum;
    }
  }
  const sorted = nearest.sort();
  return (Math.sqrt(sorted[Math.floor((count - 1) / 2)]!) + Math.sqrt(sorted[Math.ceil((count - 1) / 2)]!)) / 2;
}
