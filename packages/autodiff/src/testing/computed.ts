/** @file Whole numbers that a graph computes, so that nothing about them is known beforehand. */

import type { GraphBuilder } from '../graph/builder.ts';

/** A 1-D int64 value, or one of the given shape, that is no constant of the graph. */
export function computed(
  b: GraphBuilder,
  numbers: readonly number[],
  dims: readonly number[] = [numbers.length],
): string {
  const floats = b.constant({ type: 'float32', dims, data: Float32Array.from(numbers) });
  return b.op('Cast', [floats], { to: 7 });
}
