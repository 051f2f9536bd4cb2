import { median, quantile } from 'simple-statistics';

export { median };

/** Median and quartiles. */
export interface Quartiles {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/**
 * Median and quartiles of some numbers; between two of them by linear interpolation.
 *
 * @param values at least one
 */
export function quartiles(values: readonly number[]): Quartiles {
  const list = [...values];
  return { lower: quantile(list, 0.25), median: median(list), upper: quantile(list, 0.75) };
}
