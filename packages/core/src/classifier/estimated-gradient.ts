/** @file How it is said that a gradient is an estimate. */

/** One sentence, without a full stop, on networks whose `gradientKind` is `straight-through`. */
export const ESTIMATED_GRADIENT =
  'The network is quantized, so its gradients are an estimate (straight-through: rounding counts as the identity)';
