/**
 * The exact test of a rate against chance: P(X >= hits) for X binomial with `trials` trials of probability `chance`.
 *
 * @param chance in (0, 1)
 */
export function binomialTail(hits: number, trials: number, chance: number): number {
  if (hits <= 0) return 1;
  // From the logarithm of the probability of exactly k successes, one k after the other.
  let log = trials * Math.log1p(-chance);
  let sum = 0;
  for (let k = 0; k <= trials; k++) {
    if (k >= hits) sum += Math.exp(log);
    log += Math.log((trials - k) / (k + 1)) + Math.log(chance) - Math.log1p(-chance);
  }
  return Math.min(1, sum);
}
