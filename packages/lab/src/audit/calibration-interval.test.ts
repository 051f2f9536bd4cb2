import { expect, it } from 'vitest';
import { calibrationInterval } from './calibration-interval.ts';

/** So many answers of one confidence, of which a share is right. */
const answers = (count: number, confidence: number, share: number) =>
  Array.from({ length: count }, (_, i) => ({
    label: 0,
    prediction: Number(i >= Math.round(share * count)),
    confidence,
  }));

// Of one bin the error is |share - confidence|, and the share has the standard error sqrt(q (1 - q) / n).
it.each([
  [400, 0.9, 0.7],
  [1600, 0.6, 0.8],
])('is that of a share where all %i confidences lie in one bin', (count, confidence, share) => {
  const [low, high] = calibrationInterval(answers(count, confidence, share), 1);
  const error = Math.abs(share - confidence);
  const reach = 1.96 * Math.sqrt((share * (1 - share)) / count);
  // The ends of 400 resamples scatter by about a tenth.
  expect(Math.abs(low - (error - reach))).toBeLessThan(0.3 * reach);
  expect(Math.abs(high - (error + reach))).toBeLessThan(0.3 * reach);
});

it('begins at 0 where confidences are right as often as they say, and is the same for the same seed', () => {
  const interval = calibrationInterval(answers(300, 0.8, 0.8), 3);
  expect(interval[0]).toBe(0);
  expect(calibrationInterval(answers(300, 0.8, 0.8), 3)).toEqual(interval);
});
