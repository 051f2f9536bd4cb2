/** @file How sure an expected calibration error is. */

import { type Answer, calibrationBins, expectedCalibrationError, type Interval, Random } from '@pareidolia/core';

const BOOTSTRAP_STREAM = 0x65636562;
const RESAMPLES = 400;

/**
 * The basic bootstrap interval at 95 % of the expected calibration error (Davison and Hinkley 1997, section 5.2). Resampling makes
 * the error larger, as sampling does; the basic interval turns that around, so that it is taken away.
 *
 * @returns within [0, 1]
 */
export function calibrationInterval(
  answers: readonly Pick<Answer, 'label' | 'prediction' | 'confidence'>[],
  seed: number,
): Interval {
  const random = Random.stream(seed, BOOTSTRAP_STREAM);
  const error = expectedCalibrationError(calibrationBins(answers));
  const errors = Array.from({ length: RESAMPLES }, () =>
    expectedCalibrationError(calibrationBins(answers.map(() => answers[random.integer(answers.length)]!))),
  ).sort((a, b) => a - b);
  const cut = Math.floor(0.025 * RESAMPLES);
  const within = (value: number): number => Math.min(1, Math.max(0, value));
  return [within(2 * error - errors[RESAMPLES - 1 - cut]!), within(2 * error - errors[cut]!)];
}
