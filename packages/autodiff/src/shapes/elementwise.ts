/** @file Output shapes of elementwise operators, and of others that keep the shape. */

import { broadcast } from '../model/dims.ts';
import { typeOfCode } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';
import { operatorsIn, operatorsThat, ruleFor } from '../operators/table.ts';
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

export const ELEMENTWISE_SHAPES: Readonly<Record<string, ShapeRule>> = {
  ...ruleFor(operatorsIn('unary'), same),
  ...ruleFor(
    operatorsThat(({ keepsShape }) => keepsShape === true),
    same,
  ),
  ...ruleFor(operatorsIn('broadcasting'), elementwise),
  ...ruleFor(operatorsIn('comparison'), comparison),
  Cast: ({ node, input }) => [{ type: typeOfCode(intAttribute(node, 'to', 1)) ?? 'float32', shape: input(0).shape }],
  Dropout: ({ input }) => [input(0), { type: 'bool', shape: input(0).shape }],
  Pow: ({ input, fail }) => [
    { type: input(0).type, shape: broadcast([input(0).shape, input(1).shape]) ?? fail('has inputs that do not fit') },
  ],
  Where: ({ input, fail }) => [
    {
      type: input(1).type,
      shape: broadcast([input(0).shape, input(1).shape, input(2).shape]) ?? fail('has inputs that do not fit'),
    },
  ],
};
