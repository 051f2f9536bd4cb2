/** @file The constants of CMA-ES (Hansen 2016, arXiv 1604.00772, table 1), and of its separable form (as pycma has them). */

/** How a strategy of a dimension and a number of parents adapts. */
export interface CmaParameters {
  /** Of the parents, best first; they sum to 1. */
  readonly weights: Float64Array;
  /** The variance effective number of parents: 1 / sum of squared weights. */
  readonly effectiveParents: number;
  /** Learning rate of the path of the covariance, c_c. */
  readonly pathRate: number;
  /** Learning rate of the path of the step size, c_sigma. */
  readonly sigmaRate: number;
  /** Damping of the step size, d_sigma. */
  readonly damping: number;
  /** Learning rate of the rank-one update, c_1. */
  readonly rankOne: number;
  /** Learning rate of the rank-mu update, c_mu. */
  readonly rankMu: number;
}

/** Weights of the best `parents`: `ln(parents + 1/2) - ln i` for the i-th, normalized to the sum 1. */
export function recombinationWeights(parents: number): Float64Array {
  const weights = Float64Array.from({ length: parents }, (_, i) => Math.log(parents + 0.5) - Math.log(i + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * The default constants.
 *
 * @param dimension n, at least 1
 * @param parents mu, at least 1
 * @param isSeparable whether only the diagonal of the covariance is adapted, which may then learn faster
 */
export function cmaParameters(dimension: number, parents: number, isSeparable = false): CmaParameters {
  const n = dimension;
  const weights = recombinationWeights(parents);
  const mu = 1 / weights.reduce((sum, weight) => sum + weight * weight, 0);
  const sigmaRate = (mu + 2) / (n + mu + 5);
  const damping = 1 + 2 * Math.max(0, Math.sqrt((mu - 1) / (n + 1)) - 1) + sigmaRate;
  const common = { weights, effectiveParents: mu, sigmaRate, damping };
  if (isSeparable) {
    const rankOne = 1 / (n + 2 * Math.sqrt(n) + mu / n);
    return {
      ...common,
      pathRate: (1 + 1 / n + mu / n) / (Math.sqrt(n) + 1 / n + (2 * mu) / n),
      rankOne,
      rankMu: Math.min(1 - rankOne, (0.25 + mu + 1 / mu - 2) / (n + 4 * Math.sqrt(n) + mu / 2)),
    };
  }
  const rankOne = 2 / ((n + 1.3) ** 2 + mu);
  return {
    ...common,
    pathRate: (4 + mu / n) / (n + 4 + (2 * mu) / n),
    rankOne,
    rankMu: Math.min(1 - rankOne, (2 * (mu - 2 + 1 / mu)) / ((n + 2) ** 2 + mu)),
  };
}
