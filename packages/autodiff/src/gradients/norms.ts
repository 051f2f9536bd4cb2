/** @file The p-norm y = (sum |x|^p)^(1/p), whose derivative is sign(x) (|x| / y)^(p - 1), and 0 where y is. */

import type { GraphBuilder } from '../builder/builder.ts';

/**
 * g y^(1 - p), which is g for p = 1. The power is limited to 2^100 where y is tiny: its product with |x|^(p - 1), and
 * |x| <= y, then stays finite, and is 0 where all of x is 0.
 */
export function weightOfNorm(b: GraphBuilder, g: string, y: string, p: number): string {
  if (p === 1) return g;
  const least = b.op('Max', [y, b.scalar(2 ** (-100 / (p - 1)))]);
  return b.op('Div', [g, p === 2 ? least : b.op('Pow', [least, b.scalar(p - 1)])]);
}

/** sign(x) |x|^(p - 1). */
export function normDerivative(b: GraphBuilder, x: string, p: number): string {
  if (p === 1) return b.op('Sign', [x]);
  if (p === 2) return x;
  return b.op('Mul', [b.op('Sign', [x]), b.op('Pow', [b.op('Abs', [x]), b.scalar(p - 1)])]);
}
