/** @file The gradient of broadcasting: an input that was broadcast gets the sum over its copies. */

import type { GraphBuilder } from '../builder/builder.ts';
import { isSameLength } from '../model/dims.ts';
import type { Dim, Node } from '../model/model.ts';

/**
 * Sums a cotangent down to the shape of an input.
 *
 * @param from shape of the cotangent
 * @param to shape of the input; an axis of length 1 that is longer in `from` was broadcast
 * @param input the input itself: where an open axis of it may have been broadcast, the graph finds out when it runs
 * @param beside shapes of what it was broadcast with: along an axis where all of these have length 1, it was not broadcast
 */
export function reduceTo(
  b: GraphBuilder,
  g: string,
  from: readonly Dim[],
  to: readonly Dim[],
  input?: string,
  beside?: readonly (readonly Dim[])[],
): string {
  const extra = from.length - to.length;
  const isStretchedBeside = (axis: number): boolean =>
    beside === undefined || beside.some((shape) => (shape[axis - from.length + shape.length] ?? 1) !== 1);
  const isOpen = (dim: Dim | undefined, axis: number): boolean =>
    typeof dim === 'string' && from[axis] !== 1 && !isSameLength(dim, from[axis]) && isStretchedBeside(axis);
  const axes = from.flatMap((dim, axis) => (axis < extra || (to[axis - extra] === 1 && dim !== 1) ? [axis] : []));
  const open = input === undefined ? [] : from.flatMap((_, axis) => (isOpen(to[axis - extra], axis) ? [axis] : []));
  if (axes.length === 0 && open.length === 0) return g;
  let sum = axes.length === 0 ? g : b.op('ReduceSum', [g, b.ints(axes)], { keepdims: 1 });
  if (input !== undefined && open.length > 0) sum = reduceOpen(b, sum, open, input, extra);
  if (extra === 0) return sum;
  return b.op('Squeeze', [sum, b.ints(from.slice(0, extra).map((_, axis) => axis))]);
}

/** A shape, and how many inputs of a node have it. */
interface Shared {
  readonly shape: readonly Dim[];
  readonly count: number;
}

/** The shapes of the inputs of nodes that were asked for last: a sum may have thousands of inputs. */
const SHAPES = new WeakMap<Node, readonly Shared[]>();

function shapesOf(b: GraphBuilder, node: Node): readonly Shared[] {
  const known = SHAPES.get(node);
  if (known !== undefined) return known;
  const found = new Map<string, Shared>();
  for (const name of node.inputs) {
    if (name === '') continue;
    const shape = b.shape(name);
    found.set(shape.join(), { shape, count: (found.get(shape.join())?.count ?? 0) + 1 });
  }
  const shapes = [...found.values()];
  SHAPES.set(node, shapes);
  return shapes;
}

/** Sums the cotangent of a node's output down to the shape of one of its inputs, which are broadcast to each other. */
export function reduceToInput(b: GraphBuilder, g: string, node: Node, index: number): string {
  const input = node.inputs[index]!;
  const own = b.shape(input);
  const beside = shapesOf(b, node).flatMap(({ shape, count }) =>
    count === 1 && shape.join() === own.join() ? [] : [shape],
  );
  return reduceTo(b, g, b.shape(node.outputs[0]!), own, input, beside);
}

/** Sums over those of some axes along which the input has length 1 when the graph runs. */
function reduceOpen(b: GraphBuilder, g: string, open: readonly number[], input: string, extra: number): string {
  const lengths = b.op('Gather', [b.op('Shape', [input]), b.ints(open.map((axis) => axis - extra))]);
  const places = b.op('NonZero', [b.op('Equal', [lengths, b.ints([1])])]);
  const axes = b.op('Gather', [b.ints(open), b.op('Reshape', [places, b.ints([-1])])]);
  const { type, shape } = b.typeOf(g);
  const sum = b.op('ReduceSum', [g, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  b.describe(sum, { type, shape: shape.map((dim, axis) => (open.includes(axis) ? '?' : dim)) });
  return sum;
}
