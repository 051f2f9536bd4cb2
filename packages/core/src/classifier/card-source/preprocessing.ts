/** @file Range, mean and deviation together: what values a network is given for black and white. */

import type { ModelCardInput } from '../card.ts';

/** The fields that only mean something together: mean and deviation are in units of the range. */
export const PREPROCESSING = ['range', 'mean', 'deviation'] as const;

export type Preprocessing = Pick<ModelCardInput, (typeof PREPROCESSING)[number]>;

/** Relative difference below which two values are the same, written with more or fewer digits. */
const SAME = 1e-3;

export function hasPreprocessing(fields: ModelCardInput): boolean {
  return PREPROCESSING.some((field) => fields[field] !== undefined);
}

/** Whether a network is given the same for every pixel. */
export function isSamePreprocessing(one: Preprocessing, other: Preprocessing): boolean {
  const [mine, theirs] = [ends(one), ends(other)];
  return mine.every(([low, high], channel) => {
    const [otherLow, otherHigh] = theirs[channel]!;
    const most = SAME * Math.abs(high - low);
    return Math.abs(low - otherLow) <= most && Math.abs(high - otherHigh) <= most;
  });
}

/** For each of three channels the values that black and white become. */
function ends({ range: [low, high] = [0, 1], mean = 0, deviation = 1 }: Preprocessing): [number, number][] {
  const at = (value: number | readonly number[], channel: number): number =>
    typeof value === 'number' ? value : (value[channel] ?? value[0]!);
  return [0, 1, 2].map((channel) => {
    const [center, width] = [at(mean, channel), at(deviation, channel)];
    return [(low - center) / width, (high - center) / width];
  });
}

/** In words: `[0, 1], mean 0.5, deviation 0.5`. */
export function describePreprocessing({ range = [0, 1], mean = 0, deviation = 1 }: Preprocessing): string {
  const list = (value: number | readonly number[]): string =>
    [value]
      .flat()
      .map((each) => String(Number(each.toPrecision(4))))
      .join(', ');
  const parts = [`range [${list(range)}]`];
  if ([mean].flat().some((value) => value !== 0)) parts.push(`mean ${list(mean)}`);
  if ([deviation].flat().some((value) => value !== 1)) parts.push(`deviation ${list(deviation)}`);
  return parts.join(', ');
}
