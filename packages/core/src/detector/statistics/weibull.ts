/** @file The Weibull distribution of two parameters, by maximum likelihood. */

/** `1 - exp(-(x / scale)^shape)`. */
export interface Weibull {
  readonly shape: number;
  readonly scale: number;
}

/** Beyond any tail of distances; more means that all values are equal. */
const LARGEST_SHAPE = 1e5;

/**
 * The most likely parameters (Johnson, Kotz and Balakrishnan 1994, section 21.2): the shape k solves
 * `sum x^k ln x / sum x^k - 1/k = mean ln x`, whose left side grows with k.
 *
 * @param values positive, at least two
 * @returns `undefined` where they are all equal, so that no shape is large enough
 */
export function fitWeibull(values: ArrayLike<number>): Weibull | undefined {
  const largest = Math.max(...Array.from(values));
  // In units of the largest, so that no power overflows.
  const logs = Float64Array.from(values, (value) => Math.log(value / largest));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const slope = (shape: number): number => {
    let [weights, sum] = [0, 0];
    for (const log of logs) {
      const power = Math.exp(shape * log);
      weights += power;
      sum += power * log;
    }
    return sum / weights - 1 / shape - mean;
  };
  let [low, high] = [1e-3, 1];
  while (slope(high) < 0) {
    low = high;
    high *= 2;
    if (high > LARGEST_SHAPE) return undefined;
  }
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  const shape = (low + high) / 2;
  const power = logs.reduce((sum, log) => sum + Math.exp(shape * log), 0) / logs.length;
  return { shape, scale: largest * power ** (1 / shape) };
}
