import { errorFunction } from 'simple-statistics';

/** Whether a curve still rises where it ends. */
export type Trend = 'rising' | 'level' | 'too short';

/** Points below which nothing is said: of the last third, three are left. */
const FEWEST = 9;

/** Below this p-value a trend is not noise. */
const SIGNIFICANT = 0.01;

/** A rise of the last third that is less than this share of the whole one has ended for all that matters. */
const RELEVANT = 0.02;

/** Halves of the last third are compared by pairs, at most so many points of each: the test is quadratic. */
const MOST_POINTS = 500;

/**
 * Whether a curve still rises at its end: in its last third it must rise beyond noise (the one-sided test of Mann 1945 and Kendall
 * 1948, p < 0.01, with its correction for ties), and by at least a fiftieth of what the whole curve has risen.
 *
 * Where the last third is too short for that p-value at all, as with three or four points, a rise at every step counts.
 *
 * @param values at equal distances; with less than nine of them it is too short
 */
export function trendOf(values: readonly number[]): Trend {
  if (values.length < FEWEST) return 'too short';
  const last = values.slice(Math.floor((2 * values.length) / 3) - 1);
  const rise = last.at(-1)! - last[0]!;
  const whole = Math.max(...values) - Math.min(...values);
  if (!(rise > 0) || rise < RELEVANT * whole) return 'level';
  const thinned = last.filter((_, i) => i % Math.ceil(last.length / MOST_POINTS) === 0);
  const everyStep = last.length < 6 && last.every((value, i) => i === 0 || value > last[i - 1]!);
  return everyStep || mannKendall(thinned) < SIGNIFICANT ? 'rising' : 'level';
}

/** How likely at least such a rise is by chance, by the normal approximation; 1 where all values are equal. */
function mannKendall(values: readonly number[]): number {
  const n = values.length;
  let score = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) score += Math.sign(values[j]! - values[i]!);
  }
  const groups = new Map<number, number>();
  for (const value of values) groups.set(value, (groups.get(value) ?? 0) + 1);
  const spread = (t: number): number => t * (t - 1) * (2 * t + 5);
  const ties = [...groups.values()].reduce((sum, t) => sum + spread(t), 0);
  const deviation = Math.sqrt((spread(n) - ties) / 18);
  if (deviation === 0) return 1;
  const z = (score - Math.sign(score)) / deviation;
  return (1 - errorFunction(z / Math.SQRT2)) / 2;
}
