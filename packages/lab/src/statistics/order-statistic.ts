/** @file Quantiles of numbers of which some are only known to be larger than all that was looked at. */

import { binomialTail, type Interval } from '@pareidolia/core';

/** Least probability that {@link medianInterval} covers the median. */
const CONFIDENCE = 0.95;

/**
 * The smallest number that at least a share `q` of the numbers does not exceed: the one of rank `ceil(q n)`. Nothing is
 * interpolated, so numbers that are censored, given as infinity, do no harm below their rank.
 *
 * @param values at least one; infinity where a number is only known to be larger than was looked at
 * @param q in (0, 1]; 0.5 is the lower median
 */
export function orderStatistic(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(q * sorted.length) - 1]!;
}

/**
 * The exact interval of a median at 95 % or a little more, from the numbers of two ranks; it assumes nothing of how the
 * numbers are distributed (Conover 1999, section 3.2).
 *
 * @returns nothing below six numbers, of which no two ranks are that certain
 */
export function medianInterval(values: readonly number[]): Interval | null {
  const n = values.length;
  // P(X <= rank - 1) on either side, X binomial of 1/2; the ranks are counted from 1 and from n.
  let rank = 0;
  while (2 * (1 - binomialTail(rank + 1, n, 0.5)) <= 1 - CONFIDENCE && rank < n / 2) rank++;
  if (rank === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return [sorted[rank - 1]!, sorted[n - rank]!];
}
