import { type Condition, type Decision, decide } from '../../finding/verdict.ts';
import { formatNumber } from '../../format/format.ts';
import type { RankCorrelation } from '../../statistics/rank-correlation.ts';

/** A correlation of less is none worth the name. */
const MODERATE = 0.5;

/** Half the width of a 95 % interval, in standard deviations. */
const Z95 = 1.959964;

/** A correlation over so many networks. */
export interface SizeOutcome extends RankCorrelation {
  /** `training examples`, `classes`. */
  readonly property: string;
  readonly networks: number;
}

/** The verdict on the size of the training data: a correlation above 0, of examples and of classes. */
export function sizeVerdict(outcomes: readonly SizeOutcome[]): Decision {
  return decide(outcomes.map(grows));
}

/** Not found, it is open while its interval (Fisher's, for so many networks) reaches up to a moderate correlation. */
function grows({ rho, p, networks, property }: SizeOutcome): Condition {
  if (rho > 0 && p < 0.05) return { holds: true };
  const high = networks > 3 ? Math.tanh(Math.atanh(Math.min(rho, 0.9999)) + Z95 / Math.sqrt(networks - 3)) : 1;
  if (high < MODERATE) return { holds: false };
  return {
    lacking: `${networks} networks of different ${property}, over which a correlation of up to ${formatNumber(high, 2)} may be missed`,
  };
}
