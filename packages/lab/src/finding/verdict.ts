/** @file How a verdict follows from the conditions of a rule, and when the numbers are too few for one. */

import { formatCount, formatPercent } from '../format/format.ts';
import { exactInterval } from '../statistics/exact-interval.ts';

/** Follows from the numbers, by the rule that the finding states; `inconclusive` where they are too few to tell. */
export type Verdict = 'reproduced' | 'partly reproduced' | 'not reproduced' | 'inconclusive';

/** What the numbers say of one condition of a rule. */
export type Condition =
  | { readonly holds: boolean }
  /** What there is, and what would be needed to tell: a phrase, without a full stop. */
  | { readonly lacking: string };

/** A verdict, and why there is none. */
export interface Decision {
  readonly verdict: Verdict;
  /** What is lacking for a verdict: phrases by semicolons, without a full stop. Only where it is inconclusive. */
  readonly lacking?: string;
}

/** Reproduced where all conditions hold, partly where some do; inconclusive as long as one of them is open. */
export function decide(conditions: readonly Condition[]): Decision {
  const open = conditions.flatMap((one) => ('lacking' in one ? [one.lacking] : []));
  if (open.length > 0) return inconclusive(...open);
  const held = conditions.filter((one) => 'holds' in one && one.holds).length;
  return { verdict: held === conditions.length ? 'reproduced' : held > 0 ? 'partly reproduced' : 'not reproduced' };
}

/** No verdict, since something is lacking. */
export function inconclusive(...lacking: readonly string[]): Decision {
  return { verdict: 'inconclusive', lacking: [...new Set(lacking)].join('; ') };
}

/** How much work was done, and how much was behind the published figure. */
export interface Work {
  readonly done: number;
  readonly published: number;
  /** In the plural: `generations`. */
  readonly what: string;
}

/**
 * A figure that more work can only raise. Reached with less work it is reached; missed with less work it is open.
 *
 * @param efforts of which none may be less than published for the figure to count as missed
 */
export function reached(holds: boolean, ...efforts: readonly Work[]): Condition {
  if (holds) return { holds };
  const short = efforts.filter(({ done, published }) => done < published);
  if (short.length === 0) return { holds };
  return { lacking: `it took ${short.map(amount).join(' and ')}` };
}

function amount({ done, published, what }: Work): string {
  return `${formatCount(done)} of ${formatCount(published)} ${what}`;
}

/**
 * The condition that a rate is above a bound: open while the bound is within its exact 95 % interval.
 *
 * @param what is counted, for the reader: `images whose confidence falls`
 */
export function rateAbove(hits: number, trials: number, bound: number, what: string): Condition {
  const { low, high } = exactInterval(hits, trials);
  if (low > bound) return { holds: true };
  if (high < bound) return { holds: false };
  const found = trials === 0 ? 'none were counted' : `${hits} of ${trials}`;
  return {
    lacking: `${what}: ${found}, so the rate may be anything from ${formatPercent(low)} to ${formatPercent(high)}`,
  };
}
