/** @file Intervals of an audit hold their coverage: of many samples 95 % have an interval with the true value in it. */

import { Random } from '@pareidolia/core';
import { expect, it } from 'vitest';
import { medianInterval } from '../statistics/order-statistic.ts';
import { calibrationInterval } from './calibration-interval.ts';
import { shareFigure } from './result/figure.ts';

const SAMPLES = 4000;
/** Four standard errors of a share of .95 in so many samples. */
const noise = (samples: number): number => 4 * Math.sqrt((0.95 * 0.05) / samples);

/** The share of samples whose interval covers. */
function coverage(samples: number, covers: (sample: number) => boolean): number {
  return Array.from({ length: samples }, (_, sample) => covers(sample)).filter(Boolean).length / samples;
}

const within = (value: number, interval: readonly [number, number] | null): boolean =>
  interval !== null && interval[0] <= value && value <= interval[1];

// Wilson's interval has a coverage near 95 % in the mean over shares, and for single ones above 92 % from ten images of either
// kind on (Brown, Cai and DasGupta 2001, figures 5 and 6).
it.each([24, 100, 500])('of shares of %i images', (of) => {
  const random = Random.stream(5, of);
  const shares = [0.02, 0.1, 0.3, 0.5, 0.75, 0.9, 0.97];
  const covered = shares.map((share) =>
    coverage(SAMPLES, () => {
      const hits = Array.from({ length: of }, () => random.uniform() < share).filter(Boolean).length;
      return within(share, shareFigure({ id: 's', title: 's', better: null }, hits, of).interval);
    }),
  );
  const mean = covered.reduce((sum, each) => sum + each, 0) / covered.length;
  expect(Math.abs(mean - 0.95)).toBeLessThan(0.02);
  shares.forEach((share, i) => {
    if (Math.min(share, 1 - share) * of >= 10) expect(covered[i]).toBeGreaterThan(0.92 - noise(SAMPLES));
  });
});

// Exact intervals of order statistics cover at least 95 %.
it.each([6, 10, 30])('of medians over %i seeds', (seeds) => {
  const random = Random.stream(6, seeds);
  // Geometric, as the questions to the first accepted image are: half of them are at most log 2 / -log(1 - p), no whole number.
  const p = 0.03;
  const median = Math.ceil(Math.log(2) / -Math.log(1 - p));
  const covered = coverage(SAMPLES, () => {
    const values = Array.from({ length: seeds }, () =>
      Math.max(1, Math.ceil(Math.log(1 - random.uniform()) / Math.log(1 - p))),
    );
    return within(median, medianInterval(values));
  });
  expect(covered).toBeGreaterThan(0.95 - noise(SAMPLES));
});

// Confidences of three kinds, right less often than they say: the error is the mean distance.
it('of calibration errors', { timeout: 600_000 }, () => {
  const random = Random.stream(7);
  const kinds = [
    [0.98, 0.88],
    [0.81, 0.66],
    [0.55, 0.45],
  ] as const;
  const truth = kinds.reduce((sum, [confidence, share]) => sum + (confidence - share) / kinds.length, 0);
  const samples = 300;
  const covered = coverage(samples, (sample) => {
    const answers = Array.from({ length: 300 }, () => {
      const [confidence, share] = kinds[random.integer(kinds.length)]!;
      return { label: 0, prediction: Number(random.uniform() >= share), confidence };
    });
    return within(truth, calibrationInterval(answers, sample));
  });
  expect(Math.abs(covered - 0.95)).toBeLessThan(noise(samples));
});
