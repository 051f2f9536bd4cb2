/** @file Whether two shares of separate samples differ by more than chance. */

/** Hits among trials. */
export interface Counted {
  readonly hits: number;
  readonly of: number;
}

/** Tables nearly as likely as the one seen count as equally likely: rounding must not decide. */
const TOLERANCE = 1e-7;

/**
 * Fisher's exact test, two-sided (Fisher 1922): of all divisions of the hits between the samples, the probability of those that are no
 * likelier than the one seen, if all are hits with the same chance.
 *
 * @returns in (0, 1]; 1 where a sample is empty
 */
export function fisherExactTest(first: Counted, second: Counted): number {
  const hits = first.hits + second.hits;
  const least = Math.max(0, hits - second.of);
  const most = Math.min(hits, first.of);
  // Logarithms up to a constant, from one table to the next.
  const logs = [0];
  for (let k = least; k < most; k++) {
    logs.push(logs.at(-1)! + Math.log(((first.of - k) * (hits - k)) / ((k + 1) * (second.of - hits + k + 1))));
  }
  const largest = logs.reduce((so, log) => Math.max(so, log), Number.NEGATIVE_INFINITY);
  const weights = logs.map((log) => Math.exp(log - largest));
  const seen = weights[first.hits - least]!;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const rare = weights.reduce((total, weight) => (weight <= seen * (1 + TOLERANCE) ? total + weight : total), 0);
  return Math.min(1, rare / sum);
}
