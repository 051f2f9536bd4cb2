/** @file Output shapes of reductions. */

import { normalAxis } from '../model/dims.ts';
import type { Dim, Node } from '../model/model.ts';
import { intAttribute } from '../operators/attributes.ts';
import { operatorsIn, ruleFor } from '../operators/table.ts';
import type { ShapeRule } from './types.ts';

const reduce: ShapeRule = ({ node, input, ints, has, fail }) => {
  const { type, shape } = input(0);
  const given = has(1) ? ints(1) : [];
  if (given !== undefined) return [{ type, shape: reducedShape(node, shape, given) }];
  // Any axis may be among them.
  if (intAttribute(node, 'keepdims', 1) === 0) return fail('has axes that are computed');
  return [{ type, shape: shape.map((dim) => (dim === 1 ? 1 : '?')) }];
};

/** The output shape of a Reduce operator; no axes means all, unless `noop_with_empty_axes`. */
function reducedShape(node: Node, shape: readonly Dim[], given: readonly number[]): Dim[] {
  if (given.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) !== 0) return [...shape];
  const axes = given.length === 0 ? shape.map((_, axis) => axis) : given.map((axis) => normalAxis(axis, shape.length));
  const keep = intAttribute(node, 'keepdims', 1) !== 0;
  return shape.flatMap((dim, axis) => (!axes.includes(axis) ? [dim] : keep ? [1] : []));
}

const argReduce: ShapeRule = ({ node, input }) => {
  const { shape } = input(0);
  return [{ type: 'int64', shape: reducedShape(node, shape, [intAttribute(node, 'axis', 0)]) }];
};

export const REDUCTION_SHAPES: Readonly<Record<string, ShapeRule>> = {
  ArgMax: argReduce,
  ArgMin: argReduce,
  ...ruleFor(operatorsIn('reduction'), reduce),
};
