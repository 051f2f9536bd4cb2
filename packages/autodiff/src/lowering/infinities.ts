/** @file Infinite values: products with zeros of one-hot kernels would make them NaN. */

import type { GraphBuilder } from '../builder/builder.ts';
import { LOWEST } from '../gradients/windowed.ts';

/** Operators behind which values are finite, where the network's are. */
const SUMS = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Softmax', 'LogSoftmax', 'Sigmoid', 'Tanh']);

/** A value without infinities: if an infinite constant, such as the filling of a Pad, can reach it, it is clipped. */
export function finite(b: GraphBuilder, value: string): string {
  if (!reachedByInfinity(b, value, new Set())) return value;
  return b.op('Clip', [value, b.scalar(LOWEST), b.scalar(-LOWEST)]);
}

function reachedByInfinity(b: GraphBuilder, value: string, seen: Set<string>): boolean {
  if (value === '' || seen.has(value)) return false;
  seen.add(value);
  const constant = b.valueOf(value);
  if (constant !== undefined)
    return constant.type === 'float32' && !(constant.data as Float32Array).every(Number.isFinite);
  const maker = b.makerOf(value);
  if (maker === undefined || SUMS.has(maker.opType)) return false;
  return maker.inputs.some((input) => reachedByInfinity(b, input, seen));
}
