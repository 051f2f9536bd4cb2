import { type Condition, type Decision, decide, inconclusive, reached } from '../../finding/verdict.ts';
import { formatPercent } from '../../format/format.ts';

/** The published confidence. */
export const TARGET = 0.9999;

/** The search of the paper. */
const PUBLISHED_IMAGES = 200 * 200;

/** Retrained networks that make a series. */
const LEAST_ROUNDS = 2;

/** A network that reads fewer clean digits is no network to fool. */
const LEAST_ACCURACY = 0.9;

/** What the retrained networks came to; the first, untouched network is not among them. */
export interface RetrainingOutcome {
  /** Of each retrained network: the median confidence of new fooling images, and its accuracy on clean digits. */
  readonly medians: readonly number[];
  readonly accuracies: readonly number[];
  /** Images that each search tried. */
  readonly evaluations: number;
}

/** The verdict on retrained networks. A confidence that shorter searches than the paper's miss is open. */
export function retrainingVerdict({ medians, accuracies, evaluations }: RetrainingOutcome): Decision {
  const lacking: string[] = [];
  if (medians.length < LEAST_ROUNDS) {
    lacking.push(`${medians.length} network was retrained, a series has at least ${LEAST_ROUNDS}`);
  }
  const worst = Math.min(...accuracies);
  if (worst < LEAST_ACCURACY) {
    lacking.push(
      `a retrained network reads ${formatPercent(worst)} of clean digits, so that it is fooled says little; it should be ${formatPercent(LEAST_ACCURACY)}`,
    );
  }
  if (lacking.length > 0) return inconclusive(...lacking);
  const least = Math.min(...medians);
  const effort = { done: evaluations, published: PUBLISHED_IMAGES, what: 'images that a search of the paper tried' };
  return decide([TARGET, 0.5].map((bound): Condition => reached(least >= bound, effort)));
}
