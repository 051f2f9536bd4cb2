import { describe, expect, it } from 'vitest';
import { calibrationBins, expectedCalibrationError } from './calibration.ts';

const answer = (confidence: number, right: boolean) => ({ label: 0, prediction: right ? 0 : 1, confidence });

describe('calibration', () => {
  it('is measured in bins that are open below and closed above', () => {
    const bins = calibrationBins([answer(0.5, true), answer(0.51, false), answer(1, true), answer(1.0000001, true)], 2);
    expect(bins.map(({ count }) => count)).toEqual([1, 3]);
    expect(bins[0]).toEqual({ low: 0, high: 0.5, count: 1, confidence: 0.5, accuracy: 1 });
    expect(bins[1]!.accuracy).toBeCloseTo(2 / 3, 12);
  });

  it('is the gap of each bin, weighted by its images', () => {
    // (0.6, 0.8]: 4 images at 0.7, half of them right: gap 0.2. (0.8, 1]: 6 images at 0.9, all right: gap 0.1.
    const answers = [
      ...[true, true, false, false].map((right) => answer(0.7, right)),
      ...Array.from({ length: 6 }, () => answer(0.9, true)),
    ];
    expect(expectedCalibrationError(calibrationBins(answers, 5))).toBeCloseTo(0.4 * 0.2 + 0.6 * 0.1, 12);
  });

  it('is perfect where confidences are right as often as they say', () => {
    const answers = [true, true, true, false].map((right) => answer(0.75, right));
    expect(expectedCalibrationError(calibrationBins(answers))).toBe(0);
    expect(calibrationBins(answers)).toHaveLength(15);
  });
});
