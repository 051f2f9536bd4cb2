/** @file The interval of a share. */

/** Both ends, inclusive. */
export type Interval = readonly [low: number, high: number];

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval of a binomial share at 95 %, without continuity correction (Wilson 1927; Brown, Cai and DasGupta
 * 2001, who recommend it).
 *
 * @param hits in `0 .. trials`
 * @returns ends in [0, 1]; all of [0, 1] where there is no trial
 */
export function wilsonInterval(hits: number, trials: number): Interval {
  if (trials === 0) return [0, 1];
  const [p, z2] = [hits / trials, Z * Z];
  const scale = 1 + z2 / trials;
  const middle = (p + z2 / (2 * trials)) / scale;
  const reach = (Z / scale) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  // What rounding leaves of the ends at 0 and 1.
  return [hits === 0 ? 0 : middle - reach, hits === trials ? 1 : middle + reach];
}
