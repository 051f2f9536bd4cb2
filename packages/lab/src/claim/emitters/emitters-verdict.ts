import { type Condition, type Decision, decide } from '../../finding/verdict.ts';
import { formatCount } from '../../format/format.ts';
import { mannWhitneyExact } from '../../statistics/mann-whitney-exact.ts';
import { median } from '../../statistics/quartiles.ts';

/** The confidence of all classes that evaluations are counted to. */
export const TARGET = 0.99;

/** How many times fewer evaluations the claim means. */
export const FACTOR = 10;

/** A difference this unlikely by chance counts. */
export const LEVEL = 0.05;

/** Of one encoding: evaluations until every class is fooled, for each seed; infinite where that took more than the limit. */
export interface Contest {
  readonly encoding: string;
  readonly paper: readonly number[];
  readonly portfolio: readonly number[];
  /** Evaluations that each search had. */
  readonly limit: number;
}

/** What a contest came to. */
export interface ContestResult {
  /** Two-sided, exact. */
  readonly p: number;
  /** Median of the paper's search over that of the portfolio; at least that where the paper's did not get there. */
  readonly factor: number;
  /** Whether the factor is a lower bound. */
  readonly isBound: boolean;
}

export function contestResult({ paper, portfolio, limit }: Contest): ContestResult {
  const [slow, fast] = [median([...paper]), median([...portfolio])];
  const isBound = !Number.isFinite(slow);
  return {
    p: mannWhitneyExact(portfolio, paper),
    factor: Math.min(slow, limit) / fast,
    isBound,
  };
}

/** Reproduced where the portfolio needs a tenth with every encoding; open where seeds or evaluations are too few to tell. */
export function emittersVerdict(contests: readonly Contest[]): Decision {
  return decide(contests.map(conditionOf));
}

function conditionOf(contest: Contest): Condition {
  const { encoding, paper, portfolio, limit } = contest;
  const { p, factor, isBound } = contestResult(contest);
  // What samples of this size that do not overlap would have.
  const least = mannWhitneyExact(
    portfolio.map(() => 0),
    paper.map(() => 1),
  );
  if (least >= LEVEL) return { lacking: `${paper.length} seeds, with which no difference is significant` };
  if (p < LEVEL && factor >= FACTOR) return { holds: true };
  if (isBound && factor < FACTOR) {
    return {
      lacking: `with ${encoding} the paper's search had not fooled every class after ${formatCount(limit)} evaluations`,
    };
  }
  return { holds: false };
}
