/** @file How well a score tells two kinds of images apart: positives should have the larger scores. */

import type { Interval } from './interval.ts';

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Halvings of an interval within [0, 1]: as many as a double has bits. */
const HALVINGS = 53;

/**
 * The area under the receiver operating characteristic: the chance that a positive has a larger score than a negative; ties
 * count half.
 *
 * @returns NaN where either is empty
 */
export function auroc(positives: ArrayLike<number>, negatives: ArrayLike<number>): number {
  const [some, others] = [ascending(positives), ascending(negatives)];
  let [below, upTo, sum] = [0, 0, 0];
  for (const score of some) {
    while (below < others.length && others[below]! < score) below++;
    upTo = Math.max(upTo, below);
    while (upTo < others.length && others[upTo]! <= score) upTo++;
    sum += (below + upTo) / 2;
  }
  return sum / (some.length * others.length);
}

/**
 * The 95 % interval of an area under the curve: all areas that the one measured is within 1.96 standard deviations of, with
 * the variance of Hanley and McNeil 1982, in it both numbers by their mean (Newcombe 2006, method 5). It needs the area alone,
 * and holds at 0 and 1.
 *
 * @param area in [0, 1]
 * @param positives how many, at least 1
 * @param negatives how many, at least 1
 */
export function aurocInterval(area: number, positives: number, negatives: number): Interval {
  const more = (positives + negatives) / 2 - 1;
  const isFar = (other: number): boolean => {
    const spread = 1 + more * ((1 - other) / (2 - other) + other / (1 + other));
    const variance = (other * (1 - other) * spread) / (positives * negatives);
    return (area - other) ** 2 > Z * Z * variance;
  };
  return [area === 0 ? 0 : edge(area, 0, isFar), area === 1 ? 1 : edge(area, 1, isFar)];
}

/** Between one that is near and one that is far, the place where far begins. */
function edge(near: number, far: number, isFar: (value: number) => boolean): number {
  let [inside, outside] = [near, far];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (inside + outside) / 2;
    if (isFar(middle)) outside = middle;
    else inside = middle;
  }
  return inside;
}

/**
 * The area under precision and recall as average precision: the mean over all positives of the precision at their score; equal
 * scores are told apart by none, so they count together.
 *
 * "AUPR in" has the in-distribution images as positives; for "AUPR out" give the outliers as positives and all scores with
 * the other sign.
 *
 * @returns NaN where there is no positive
 */
export function averagePrecision(positives: ArrayLike<number>, negatives: ArrayLike<number>): number {
  const [some, others] = [ascending(positives), ascending(negatives)];
  let [i, j, sum] = [some.length - 1, others.length - 1, 0];
  while (i >= 0) {
    const score = some[i]!;
    const before = i;
    while (i >= 0 && some[i] === score) i--;
    while (j >= 0 && others[j]! >= score) j--;
    const [found, wrong] = [some.length - 1 - i, others.length - 1 - j];
    sum += ((before - i) * found) / (found + wrong);
  }
  return sum / some.length;
}

/**
 * The largest threshold at which at least the share `rate` of the positives is kept: those whose scores are no smaller.
 *
 * @param positives at least one
 * @param rate in (0, 1]
 */
export function thresholdAtRate(positives: ArrayLike<number>, rate = 0.95): number {
  const scores = ascending(positives);
  return scores[scores.length - keptAtLeast(scores.length, rate)]!;
}

/** The least count that is at least the share `rate` of `count`, rounding of the product aside. */
function keptAtLeast(count: number, rate: number): number {
  return Math.max(1, Math.ceil(rate * count - 1e-9));
}

/**
 * The 95 % interval of {@link thresholdAtRate}'s counterpart in the population: two order statistics, whose places follow from
 * the binomial distribution of how many of the scores lie below it (David and Nagaraja 2003, section 7.1). No shape is supposed.
 *
 * @returns `null` at an end at which there are too few scores to tell
 */
export function thresholdInterval(
  positives: ArrayLike<number>,
  rate = 0.95,
): readonly [low: number | null, high: number | null] {
  const scores = ascending(positives);
  const n = scores.length;
  const below = 1 - rate;
  // Of B scores below the true threshold, P(B <= low - 1) <= 2.5 % and P(B >= high) <= 2.5 %; places count from 1.
  let [low, high] = [0, n + 1];
  let log = n * Math.log(rate);
  let upTo = 0;
  for (let k = 0; k <= n; k++) {
    // P(B >= k) = 1 - P(B <= k - 1).
    if (high > n && 1 - upTo <= 0.025) high = k;
    upTo += Math.exp(log);
    if (upTo <= 0.025) low = k + 1;
    log += Math.log((n - k) / (k + 1)) + Math.log(below) - Math.log(rate);
  }
  return [low === 0 ? null : scores[low - 1]!, high > n ? null : scores[high - 1]!];
}

/** What a threshold lets through. */
export interface PassedNegatives {
  readonly threshold: number;
  /** Negatives whose scores are no smaller than the threshold. */
  readonly passed: number;
  readonly of: number;
  /** `passed / of`; NaN where there are no negatives. */
  readonly share: number;
}

/**
 * The false positives at a rate of true ones: how many negatives pass the threshold that keeps the share `rate` of the
 * positives. At 0.95 it is "FPR95".
 *
 * @param positives at least one
 */
export function falsePositives(
  positives: ArrayLike<number>,
  negatives: ArrayLike<number>,
  rate = 0.95,
): PassedNegatives {
  const threshold = thresholdAtRate(positives, rate);
  let passed = 0;
  for (let i = 0; i < negatives.length; i++) if (negatives[i]! >= threshold) passed++;
  return { threshold, passed, of: negatives.length, share: passed / negatives.length };
}

function ascending(scores: ArrayLike<number>): Float64Array {
  return Float64Array.from(scores).sort();
}
