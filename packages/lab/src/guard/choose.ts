/** @file Which detector is best on these images, and whether chance may account for it. */

import { type Interval, Random, thresholdAtRate } from '@pareidolia/core';
import { probit, quantileSorted, standardDeviation } from 'simple-statistics';
import { OUTLIERS } from '../audit/garbage/audit-sources.ts';
import type { ScoredSource } from './scored.ts';

/** Samples that are drawn of the images. */
const RESAMPLES = 400;

const STREAM = 0x63686f6f;

/** How much a detector stops. */
export interface Standing {
  readonly stopped: number;
  /** 95 %. */
  readonly interval: Interval;
  /** The best one's share less this one's. */
  readonly difference: number;
  /** Of the difference: 95 % for all comparisons with the best one together, by Bonferroni. */
  readonly differenceInterval: Interval;
  /** Whether chance may account for the difference: of all, of garbage by itself, and of outliers by themselves. */
  readonly isWithinChance: boolean;
}

/**
 * Compares detectors by the share of images that each stops where the share `rate` of the real ones is kept: the mean over the
 * sources; where there are outliers of the user's, half of it is theirs. Intervals are of samples drawn from the images with
 * replacement, the same ones for all detectors, the threshold chosen anew on each (the paired bootstrap).
 *
 * @param real for each detector the scores of real images
 * @param sources at least one
 * @param mayBeBest for each detector whether others are compared with it; of at least one
 */
export function compareDetectors(
  real: readonly Float64Array[],
  sources: readonly ScoredSource[],
  rate: number,
  seed: number,
  mayBeBest: readonly boolean[] = real.map(() => true),
): readonly Standing[] {
  const stopped = real.map((own, at) => {
    const threshold = thresholdAtRate(own, rate);
    return meansOf(
      sources,
      sources.map(({ scores }) => share(scores[at]!, (score) => score < threshold)),
    );
  });
  const candidates = stopped.map(([all], at) => (mayBeBest[at]! ? all! : -1));
  const best = candidates.indexOf(Math.max(...candidates));
  const drawn = resampled(real, sources, rate, Random.stream(seed, STREAM));
  const comparisons = Math.max(1, real.length - 1) * stopped[0]!.length;
  const z = probit(1 - 0.025 / comparisons);
  return stopped.map((means, at) => {
    const own = drawn.map((each) => each[at]![0]!).sort((a, b) => a - b);
    const intervals = means.map((mean, part): Interval => {
      const difference = stopped[best]![part]! - mean;
      const reach = z * standardDeviation(drawn.map((each) => each[best]![part]! - each[at]![part]!));
      return [Math.max(-1, difference - reach), Math.min(1, difference + reach)];
    });
    return {
      stopped: means[0]!,
      interval: [quantileSorted(own, 0.025), quantileSorted(own, 0.975)],
      difference: stopped[best]![0]! - means[0]!,
      differenceInterval: intervals[0]!,
      isWithinChance: intervals.every(([low]) => low <= 0),
    };
  });
}

/**
 * The mean of garbage and outliers, of means over the sources of each; and behind it, where there are both, each by itself, so that
 * a few outliers do not hide a difference that many images of garbage show.
 */
function meansOf(sources: readonly ScoredSource[], values: readonly number[]): readonly number[] {
  const mean = (some: readonly number[]): number => some.reduce((sum, value) => sum + value, 0) / some.length;
  const groups = [
    values.filter((_, at) => sources[at]!.name !== OUTLIERS),
    values.filter((_, at) => sources[at]!.name === OUTLIERS),
  ].flatMap((some) => (some.length === 0 ? [] : [mean(some)]));
  return groups.length === 1 ? groups : [mean(groups), ...groups];
}

function share(values: Float64Array, holds: (value: number) => boolean): number {
  let count = 0;
  for (const value of values) if (holds(value)) count++;
  return count / values.length;
}

/** For each sample what each detector stops of it, as {@link meansOf}. */
function resampled(
  real: readonly Float64Array[],
  sources: readonly ScoredSource[],
  rate: number,
  random: Random,
): readonly (readonly (readonly number[])[])[] {
  const count = real[0]!.length;
  /** For each detector the places of the real images from the largest score down. */
  const orders = real.map((own) => Uint32Array.from(own, (_, place) => place).sort((i, j) => own[j]! - own[i]!));
  const wanted = Math.max(1, Math.ceil(rate * count - 1e-9));
  return Array.from({ length: RESAMPLES }, () => {
    const times = draw(count, random);
    const thresholds = real.map((own, at) => {
      let kept = 0;
      for (const place of orders[at]!) {
        kept += times[place]!;
        if (kept >= wanted) return own[place]!;
      }
      throw new Error('a sample has as many images as were drawn');
    });
    const counts = sources.map(({ scores, isWhole }) => {
      const { length } = scores[0]!;
      return isWhole ? new Uint32Array(length).fill(1) : draw(length, random);
    });
    return real.map((_, at) =>
      meansOf(
        sources,
        sources.map(({ scores }, source) => {
          const own = scores[at]!;
          let stopped = 0;
          for (let i = 0; i < own.length; i++) if (own[i]! < thresholds[at]!) stopped += counts[source]![i]!;
          return stopped / own.length;
        }),
      ),
    );
  });
}

/** How often each of `count` images is drawn in as many draws. */
function draw(count: number, random: Random): Uint32Array {
  const times = new Uint32Array(count);
  for (let i = 0; i < count; i++) times[random.integer(count)]!++;
  return times;
}
