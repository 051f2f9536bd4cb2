/** @file Whether two quantities grow together. */

import type { Random } from '@pareidolia/core';
import { sampleRankCorrelation } from 'simple-statistics';

export interface RankCorrelation {
  /** Spearman's: the correlation of the ranks, ties sharing theirs; 0 where one of the two is constant. */
  readonly rho: number;
  /** Two-sided, by permutation. */
  readonly p: number;
}

const PERMUTATIONS = 9_999;

/**
 * Spearman's rank correlation (1904) with a permutation test: the share of random pairings whose correlation is at least as
 * strong, the given pairing counted with them. It assumes nothing of the distributions, and ties and few values do no harm.
 *
 * @param x at least two finite values, as many as `y`
 * @param random decides the pairings
 */
export function rankCorrelation(x: readonly number[], y: readonly number[], random: Random): RankCorrelation {
  if (new Set(x).size < 2 || new Set(y).size < 2) return { rho: 0, p: 1 };
  const xs = [...x];
  const rho = sampleRankCorrelation(xs, [...y]);
  const shuffled = [...y];
  let strong = 1;
  for (let i = 0; i < PERMUTATIONS; i++) {
    // Sums of the same ranks in another order differ in the last bits.
    if (Math.abs(sampleRankCorrelation(xs, random.shuffle(shuffled))) >= Math.abs(rho) - 1e-9) strong++;
  }
  return { rho, p: strong / (PERMUTATIONS + 1) };
}
