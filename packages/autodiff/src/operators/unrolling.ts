/** @file How much may be unrolled. */

/**
 * Limit on the operators that loops become: with these, ONNX Runtime takes about half a minute to open
 * the gradient graph, and the time grows with the square of their number.
 */
export const MOST_UNROLLED = 6000;
