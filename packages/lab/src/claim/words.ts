/** @file Figures in the sentences of findings. */

import type { Quartiles } from './statistics.ts';

/** A probability as a percentage that is cut, not rounded, and says 100 % of nothing but 1. */
export function confidence(p: number): string {
  if (p === 1) return '100 %';
  if (p < 0.9) return `${(Math.floor(p * 1000) / 10).toFixed(1)} %`;
  const nines = Math.min(6, Math.max(1, Math.floor(-Math.log10(1 - p) + 1e-9) - 2));
  return `${(Math.floor(p * 100 * 10 ** nines + 1e-6) / 10 ** nines).toFixed(nines)} %`;
}

/** Median with quartiles in brackets: `0.42 (0.40 to 0.45)`. */
export function spread({ lower, median, upper }: Quartiles, format: (value: number) => string): string {
  const [low, middle, high] = [format(lower), format(median), format(upper)];
  return low === high ? middle : `${middle} (${low} to ${high})`;
}

/** A share as a percentage with one decimal. */
export function percentage(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
