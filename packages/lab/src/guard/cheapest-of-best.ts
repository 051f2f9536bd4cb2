/** @file Which of several detectors that were compared is taken. */

import type { TriedDetector } from './guard-run.ts';

/**
 * How much less a cheaper detector may stop: a point. Where few images leave larger differences within chance, what was measured is
 * still the best guess, and not given away for kilobytes.
 */
const WORTH_LITTLE = 0.01;

/** What of a detector decides. */
export type Candidate = Pick<TriedDetector, 'cost' | 'behind'>;

/**
 * Of the detectors that can be folded, the best one; of those that stop hardly less, by no more than chance may account for, the one
 * that costs least.
 *
 * @param tried of which at least one can be folded
 */
export function cheapestOfBest<Tried extends Candidate>(tried: readonly Tried[]): Tried {
  const near = tried.filter(
    ({ cost, behind }) => cost !== null && behind.isWithinChance && behind.difference <= WORTH_LITTLE,
  );
  return near.reduce((best, each) => {
    const [own, other] = [each.cost!, best.cost!];
    return own.work < other.work || (own.work === other.work && own.bytes < other.bytes) ? each : best;
  });
}
