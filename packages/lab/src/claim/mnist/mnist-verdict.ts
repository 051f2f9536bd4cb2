import { type Decision, decide, inconclusive, reached } from '../../finding/verdict.ts';
import { median } from '../../statistics/quartiles.ts';

/** The confidence of the claim. */
export const TARGET = 0.9999;

/** The search of the paper: generations, and images in each. */
export const PUBLISHED = { generations: 200, batch: 200 } as const;

/** So many seeds that agree are seldom chance: 1 in 32 (sign test). With fewer, nothing is said of the median seed. */
export const LEAST_SEEDS = 5;

/** What the searches on one network came to. */
export interface DigitOutcome {
  /** For each seed, at the end: the confidences of the median class and of the worst one. */
  readonly medians: readonly number[];
  readonly worsts: readonly number[];
  readonly generations: number;
  readonly batch: number;
}

/** The verdict on images for every digit. A target that is missed by a shorter search than the paper's is open. */
export function digitVerdict({ medians, worsts, generations, batch }: DigitOutcome): Decision {
  const effort = {
    done: generations * batch,
    published: PUBLISHED.generations * PUBLISHED.batch,
    what: 'images that the search of the paper tried',
  };
  if (medians.length < LEAST_SEEDS) {
    return inconclusive(`${medians.length} seeds of the ${LEAST_SEEDS} that a word on the median seed needs`);
  }
  return decide([
    reached(median([...medians]) >= TARGET, effort),
    reached(
      worsts.every((worst) => worst >= TARGET),
      effort,
    ),
  ]);
}
