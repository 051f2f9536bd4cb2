/** @file How much may be unrolled. */

/** Limit on the operators that loops become: with more, ONNX Runtime takes very long to open the gradient graph. */
export const MOST_UNROLLED = 20_000;
