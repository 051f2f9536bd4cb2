/** @file Output shapes of elementwise operators, and of others that keep the shape. */

import { broadcast } from '../model/dims.ts';
import { typeOfCode } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';
import { BROADCASTING, COMPARISONS, SAME_SHAPE } from '../operators/elementwise.ts';
import type { ShapeRule } from './types.ts';

const same: ShapeRule = ({ input }) => [input(0)];

const elementwise: ShapeRule = ({ node, input, fail }) => {
  const inputs = node.inputs.map((_, index) => input(index));
  const shape = broadcast(inputs.map((value) => value.shape));
  if (shape === undefined) {
    return fail(
      `has inputs of shapes ${inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ')}, which do not fit`,
    );
  }
  return [{ type: input(0).type, shape }];
};

const comparison: ShapeRule = (context) => elementwise(context).map(({ shape }) => ({ type: 'bool', shape }));

const all = (operators: readonly string[], rule: ShapeRule): Readonly<Record<string, ShapeRule>> =>
  Object.fromEntries(operators.map((opType) => [opType, rule]));

export const ELEMENTWISE_SHAPES: Readonly<Record<string, ShapeRule>> = {
  ...all(SAME_SHAPE, same),
  ...all(BROADCASTING, elementwise),
  ...all(COMPARISONS, comparison),
  Cast: ({ node, input }) => [{ type: typeOfCode(intAttribute(node, 'to', 1)) ?? 'float32', shape: input(0).shape }],
  CumSum: same,
  Dropout: ({ input }) => [input(0), { type: 'bool', shape: input(0).shape }],
  Pow: ({ input, fail }) => [
    { type: input(0).type, shape: broadcast([input(0).shape, input(1).shape]) ?? fail('has inputs that do not fit') },
  ],
  ScatterElements: same,
  Where: ({ input, fail }) => [
    {
      type: input(1).type,
      shape: broadcast([input(0).shape, input(1).shape, input(2).shape]) ?? fail('has inputs that do not fit'),
    },
  ],
};
