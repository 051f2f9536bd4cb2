import { type Condition, type Decision, decide } from '../../finding/verdict.ts';
import { formatSignificance } from '../../format/format.ts';
import { mannWhitney } from '../../statistics/mann-whitney.ts';

/** Points of one kind, at the end of their paths. */
export interface PointKind {
  /** From the nearest training point. */
  readonly distances: readonly number[];
  readonly confidences: readonly number[];
}

/** What is known of the plane. */
export interface BoundaryOutcome {
  /** Evolved and ascended points. */
  readonly fooling: PointKind;
  readonly adversarial: PointKind;
  /** Share of directions that are certain far outside, in [0, 1]. */
  readonly certain: number;
}

/** The verdict on where points lie: medians differ, and by a test not by chance. */
export function boundaryVerdict({ fooling, adversarial, certain }: BoundaryOutcome): Decision {
  return decide([
    isLarger(fooling.distances, adversarial.distances, 'distances'),
    isLarger(fooling.confidences, adversarial.confidences, 'confidences'),
    { holds: certain >= 0.9 },
  ]);
}

function isLarger(first: readonly number[], second: readonly number[], what: string): Condition {
  const { superiority, p } = mannWhitney(first, second);
  if (p < 0.05) return { holds: superiority > 0.5 };
  return {
    lacking: `the ${what} of ${first.length} fooling and ${second.length} adversarial points do not differ beyond chance (Mann-Whitney, ${formatSignificance(p)})`,
  };
}
