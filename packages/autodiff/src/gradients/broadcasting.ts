/** @file The gradient of broadcasting: an input that was broadcast gets the sum over its copies. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Dim } from '../model/model.ts';

/**
 * Sums a cotangent down to the shape of an input.
 *
 * @param from shape of the cotangent
 * @param to shape of the input; an axis of length 1 that is longer in `from` was broadcast
 */
export function reduceTo(b: GraphBuilder, g: string, from: readonly Dim[], to: readonly Dim[]): string {
  const extra = from.length - to.length;
  const axes = from.flatMap((dim, axis) => (axis < extra || (to[axis - extra] === 1 && dim !== 1) ? [axis] : []));
  if (axes.length === 0) return g;
  const sum = b.op('ReduceSum', [g, b.ints(axes)], { keepdims: 1 });
  if (extra === 0) return sum;
  return b.op('Squeeze', [sum, b.ints(from.slice(0, extra).map((_, axis) => axis))]);
}
