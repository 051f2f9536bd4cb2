/** @file Whether confidences are right as often as they say. */

import type { Answer } from './answers.ts';

/** Bins of equal width, as Guo et al. have them. */
export const CALIBRATION_BINS = 15;

/** Images whose confidence lies in `(low, high]`; those of confidence 0 are in the first bin. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence; `null` where the bin is empty. */
  readonly confidence: number | null;
  /** Share of right decisions; `null` where the bin is empty. */
  readonly accuracy: number | null;
}

/** The reliability diagram as numbers: one bin after the other. */
export function calibrationBins(
  answers: readonly Pick<Answer, 'label' | 'prediction' | 'confidence'>[],
  bins = CALIBRATION_BINS,
): CalibrationBin[] {
  const counts = new Float64Array(bins);
  const right = new Float64Array(bins);
  const sums = new Float64Array(bins);
  for (const { label, prediction, confidence } of answers) {
    // What float32 leaves above 1 belongs to the last bin.
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
    counts[bin]!++;
    sums[bin]! += confidence;
    if (label === prediction) right[bin]!++;
  }
  return Array.from({ length: bins }, (_, bin) => {
    const count = counts[bin]!;
    return {
      low: bin / bins,
      high: (bin + 1) / bins,
      count,
      confidence: count === 0 ? null : sums[bin]! / count,
      accuracy: count === 0 ? null : right[bin]! / count,
    };
  });
}

/**
 * The expected calibration error: the mean over all images of |accuracy - confidence| of their bin (Naeini et al. 2015; Guo et
 * al. 2017, equation 3).
 *
 * @returns in [0, 1]; NaN where there is no image
 */
export function expectedCalibrationError(bins: readonly CalibrationBin[]): number {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  const gap = ({ accuracy, confidence }: CalibrationBin): number => Math.abs((accuracy ?? 0) - (confidence ?? 0));
  return bins.reduce((sum, bin) => sum + bin.count * gap(bin), 0) / count;
}
