/** @file Standardization h = (x - mean) / sqrt(variance + epsilon) over some axes, and its gradient. */

import type { GraphBuilder } from '../builder/builder.ts';

/** Values with mean 0 and variance 1 along some axes. */
export interface Standardized {
  readonly normal: string;
  /** The standard deviation that they were divided by; of length 1 along the axes. */
  readonly deviation: string;
  /** The mean of another value along the same axes. */
  readonly mean: (value: string) => string;
}

/** Standardizes a value. @param deviationOf computes the divisor from the variance */
export function standardize(
  b: GraphBuilder,
  x: string,
  axes: readonly number[],
  deviationOf: (variance: string) => string,
): Standardized {
  const over = b.ints(axes);
  const mean = (value: string): string => b.op('ReduceMean', [value, over], { keepdims: 1 });
  const centered = b.op('Sub', [x, mean(x)]);
  const deviation = deviationOf(mean(b.op('Mul', [centered, centered])));
  return { normal: b.op('Div', [centered, deviation]), deviation, mean };
}

/** sqrt(variance + epsilon). */
export function rootOf(b: GraphBuilder, epsilon: number): (variance: string) => string {
  return (variance) => b.op('Sqrt', [b.op('Add', [variance, b.scalar(epsilon)])]);
}

/** The cotangent of x from the cotangent u of h: (u - mean(u) - h mean(u h)) / deviation. */
export function standardizeBack(b: GraphBuilder, { normal, deviation, mean }: Standardized, u: string): string {
  const along = b.op('Mul', [normal, mean(b.op('Mul', [u, normal]))]);
  return b.op('Div', [b.op('Sub', [b.op('Sub', [u, mean(u)]), along]), deviation]);
}
