import { binomialTail } from '@pareidolia/core';

/** From `low` to `high`, both in [0, 1]. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Halvings of [0, 1]: as many as a double has bits. */
const HALVINGS = 53;

/**
 * The exact confidence interval of a rate (Clopper and Pearson 1934): all rates at which neither so many nor so few hits are
 * rarer than half of what is left to 1.
 *
 * @param hits 0 to `trials`
 * @param trials independent ones; without any the interval is [0, 1]
 * @param confidence in (0, 1)
 */
export function exactInterval(hits: number, trials: number, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2;
  return {
    low: hits <= 0 ? 0 : crossing((rate) => binomialTail(hits, trials, rate) < tail),
    high: hits >= trials ? 1 : crossing((rate) => 1 - binomialTail(hits + 1, trials, rate) >= tail),
  };
}

/** Where in [0, 1] a test that holds at 0 ceases to hold. */
function crossing(isBelow: (rate: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
