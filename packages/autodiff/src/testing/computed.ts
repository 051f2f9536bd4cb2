/** @file Integers that a graph computes from its input, so that they are not known ahead of time. */

import type { GraphBuilder } from '../builder/builder.ts';

/** A 1-D int64 value, or one of the given shape, in a graph whose input x is finite. */
export function computed(
  b: GraphBuilder,
  numbers: readonly number[],
  dims: readonly number[] = [numbers.length],
): string {
  const nothing = b.op('Mul', [b.op('ReduceMin', ['x'], { keepdims: 0 }), b.scalar(0)]);
  const constant = b.constant({ type: 'int64', dims, data: BigInt64Array.from(numbers, BigInt) });
  return b.op('Add', [constant, b.op('Cast', [nothing], { to: 7 })]);
}
