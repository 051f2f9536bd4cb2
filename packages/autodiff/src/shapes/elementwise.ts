/** @file Shapes behind operators that work on each element by itself, and others that keep the shape. */

import { broadcast } from '../model/dims.ts';
import { intAttribute } from '../model/model.ts';
import { typeOfCode } from '../model/tensor.ts';
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
  Abs: same,
  Acos: same,
  Acosh: same,
  Add: elementwise,
  And: comparison,
  Asin: same,
  Asinh: same,
  Atan: same,
  Atanh: same,
  Cast: ({ node, input }) => [{ type: typeOfCode(intAttribute(node, 'to', 1)) ?? 'float32', shape: input(0).shape }],
  Ceil: same,
  Celu: same,
  Clip: same,
  Cos: same,
  Cosh: same,
  CumSum: same,
  Div: elementwise,
  Dropout: ({ input }) => [input(0), { type: 'bool', shape: input(0).shape }],
  Elu: same,
  Equal: comparison,
  Erf: same,
  Exp: same,
  Floor: same,
  Gelu: same,
  Greater: comparison,
  GreaterOrEqual: comparison,
  HardSigmoid: same,
  HardSwish: same,
  Identity: same,
  IsInf: comparison,
  IsNaN: comparison,
  LeakyRelu: same,
  Less: comparison,
  LessOrEqual: comparison,
  Log: same,
  Max: elementwise,
  Mean: elementwise,
  Min: elementwise,
  Mish: same,
  Mod: elementwise,
  Mul: elementwise,
  Neg: same,
  Not: same,
  Or: comparison,
  PRelu: same,
  Pow: ({ input, fail }) => [
    { type: input(0).type, shape: broadcast([input(0).shape, input(1).shape]) ?? fail('has inputs that do not fit') },
  ],
  Reciprocal: same,
  Relu: same,
  Round: same,
  ScatterElements: same,
  Selu: same,
  Shrink: same,
  Sigmoid: same,
  Sign: same,
  Sin: same,
  Sinh: same,
  Softplus: same,
  Softsign: same,
  Sqrt: same,
  Sub: elementwise,
  Sum: elementwise,
  Swish: same,
  Tan: same,
  Tanh: same,
  ThresholdedRelu: same,
  Where: ({ input, fail }) => [
    {
      type: input(1).type,
      shape: broadcast([input(0).shape, input(1).shape, input(2).shape]) ?? fail('has inputs that do not fit'),
    },
  ],
  Xor: comparison,
};
