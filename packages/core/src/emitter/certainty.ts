/** @file How certain the elites are: confidences as log-odds, and classes by rank, for emitters that work where it is needed. */

import type { Archive } from '../archive/archive.ts';
import type { Random } from '../random/random.ts';

/** Confidences closer to 0 or 1 than this are not told apart. */
const LEAST = 1e-30;
const MOST = 1 - 2 ** -24;

/** `ln p - ln(1 - p)`, which goes on to tell confidences apart where they are close to 0 or 1. */
export function logOdds(confidence: number): number {
  const p = Math.min(MOST, Math.max(LEAST, confidence));
  return Math.log(p) - Math.log1p(-p);
}

/** The cells that have an elite, the least certain one first; of equals that with the smaller number. */
export function byCertainty(archive: Pick<Archive, 'elites'>): number[] {
  const { elites } = archive;
  return [...elites.keys()]
    .filter((cell) => elites[cell] !== undefined)
    .sort((a, b) => elites[a]!.confidence - elites[b]!.confidence || a - b);
}

/**
 * Draws from a list by rank: the place is `floor(n u^pressure)`, so that 1 draws uniformly and more prefers the first ones.
 *
 * @param items at least one
 */
export function drawByRank<T>(items: readonly T[], pressure: number, random: Pick<Random, 'uniform'>): T {
  return items[Math.floor(items.length * random.uniform() ** pressure)]!;
}
