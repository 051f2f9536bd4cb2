/**
 * @file The straight-through estimator (Bengio, Leonard and Courville 2013, arXiv:1308.3432): rounding is differentiated
 * as the identity. Where a quantized number is saturated the clipping around it has the derivative 0, as in the simulated
 * quantization of Jacob et al. 2018 (arXiv:1712.05877, section 3) and in PyTorch's fake quantization.
 */

import type { GradientRules } from './types.ts';

/** Rules that stand in for a derivative that is zero wherever it exists. */
export const STRAIGHT_THROUGH_RULES: GradientRules = {
  Round: ({ g }) => [g],
};
