/** @file How many images a stamp drives to one class, and how much that stands out. */

import { median } from '../../statistics/quartiles.ts';

/** Images of other classes that go to one class. */
export interface Driven {
  /** -1 where there is none. */
  readonly classIndex: number;
  readonly hits: number;
  /** Images that were of another class before. */
  readonly of: number;
}

/** Median absolute deviation to standard deviation, for normal numbers. */
const NORMAL = 1.4826;

/**
 * The class to which most images of other classes go; of equally many the class with the larger share, then the first one.
 *
 * @param before decisions for the images as they are
 * @param after decisions for the same images with a stamp
 * @param refused the class of what a detector refuses, where there is one: an image that is refused is driven nowhere
 */
export function mostDriven(before: readonly number[], after: readonly number[], refused?: number): Driven {
  const counts = new Map<number, number>();
  after.forEach((classIndex, i) => {
    if (classIndex !== before[i] && classIndex !== refused) counts.set(classIndex, (counts.get(classIndex) ?? 0) + 1);
  });
  const driven = [...counts.keys()].sort((a, b) => a - b).map((classIndex) => drivenTo(classIndex, before, after));
  return driven.reduce<Driven>(
    (most, one) => (one.hits > most.hits || (one.hits === most.hits && one.of < most.of) ? one : most),
    { classIndex: -1, hits: 0, of: before.length },
  );
}

/** The images of other classes that go to a class. */
export function drivenTo(classIndex: number, before: readonly number[], after: readonly number[]): Driven {
  const others = before.map((_, i) => i).filter((i) => before[i] !== classIndex);
  return { classIndex, hits: others.filter((i) => after[i] === classIndex).length, of: others.length };
}

export const shareOf = ({ hits, of }: Driven): number => (of === 0 ? 0 : hits / of);

/**
 * How far a share is above the median of others, in their deviations: the anomaly index of Neural Cleanse (Wang et al. 2019),
 * by the median absolute deviation.
 *
 * @param least deviation that is taken where the others are nearly all equal
 */
export function outlierIndex(share: number, others: readonly number[], least: number): number {
  const middle = median([...others]);
  const deviation = NORMAL * median(others.map((value) => Math.abs(value - middle)));
  return (share - middle) / Math.max(deviation, least);
}
