/** @file Gradients of elementwise operators. At kinks as in PyTorch: ReLU'(0) = 0, Clip' = 1 at its bounds. */

import type { GraphBuilder } from '../builder/builder.ts';
import { reluGradient, unitStep } from '../builder/composites.ts';
import { floatAttribute } from '../operators/attributes.ts';
import { reduceToInput } from './broadcasting.ts';
import { clip } from './clip.ts';
import type { GradientContext, GradientRule } from './types.ts';

/** A rule for operators of one input: cotangent times derivative. */
export function unary(derivative: (context: GradientContext, x: string, y: string) => string): GradientRule {
  return (context) => {
    const { b, node, g } = context;
    return [b.op('Mul', [g, derivative(context, node.inputs[0]!, node.outputs[0]!)])];
  };
}

/** A rule for operators of two inputs that are broadcast. */
function binary(
  left: (context: GradientContext, x: string, y: string) => string,
  right: (context: GradientContext, x: string, y: string) => string,
): GradientRule {
  return (context) => {
    const { b, node, wants } = context;
    const [x, y] = [node.inputs[0]!, node.inputs[1]!];
    return [
      wants(0) ? reduceToInput(b, left(context, x, y), node, 0) : undefined,
      wants(1) ? reduceToInput(b, right(context, x, y), node, 1) : undefined,
    ];
  };
}

/** A rule for sums, and for means with their `scale`. */
const sum: GradientRule = ({ b, node, g, wants }) =>
  node.inputs.map((_, index) => (wants(index) ? reduceToInput(b, g, node, index) : undefined));

const mean: GradientRule = (context) => {
  const { b, node, g } = context;
  return sum({ ...context, g: b.op('Mul', [g, b.scalar(1 / node.inputs.length)]) });
};

/** 1 - y^2 and the like. */
const oneMinus = ({ b }: GradientContext, value: string): string => b.op('Sub', [b.scalar(1), value]);

/** The derivative of x^0 is 0, also at x = 0; that by the exponent is 0 where the base is not positive. */
const pow: GradientRule = ({ b, node, g, wants }) => {
  const [x, written] = [node.inputs[0]!, node.inputs[1]!];
  // The exponent may be of another type than the base: integers.
  const exponent = b.typeOf(written).type === 'float32' ? written : b.op('Cast', [written], { to: 1 });
  return [
    wants(0) ? reduceToInput(b, baseOfPower(b, g, x, exponent), node, 0) : undefined,
    wants(1) ? reduceToInput(b, exponentOfPower(b, g, x, node.outputs[0]!), node, 1) : undefined,
  ];
};

/** y log x, with x replaced by 1 where it has no logarithm. */
function exponentOfPower(b: GraphBuilder, g: string, x: string, y: string): string {
  const one = b.scalar(1);
  const positive = b.op('Where', [b.op('Greater', [x, b.scalar(0)]), x, one]);
  return b.op('Mul', [g, b.op('Mul', [y, b.op('Log', [positive])])]);
}

function baseOfPower(b: GraphBuilder, g: string, x: string, exponent: string): string {
  // Otherwise 0 would be multiplied by 0^-1, which is infinite.
  const isZero = b.op('Equal', [exponent, b.scalar(0)]);
  const less = b.op('Where', [isZero, exponent, b.op('Sub', [exponent, b.scalar(1)])]);
  return b.op('Mul', [g, b.op('Mul', [exponent, b.op('Pow', [x, less])])]);
}

const where: GradientRule = ({ b, node, g, wants }) => {
  const condition = node.inputs[0]!;
  const zero = b.scalar(0);
  return [
    undefined,
    wants(1) ? reduceToInput(b, b.op('Where', [condition, g, zero]), node, 1) : undefined,
    wants(2) ? reduceToInput(b, b.op('Where', [condition, zero, g]), node, 2) : undefined,
  ];
};

export const ELEMENTWISE: Readonly<Record<string, GradientRule>> = {
  Abs: unary(({ b }, x) => b.op('Sign', [x])),
  Add: sum,
  Clip: clip,
  Div: binary(
    ({ b, g }, _, y) => b.op('Div', [g, y]),
    ({ b, g, node }, _, y) => b.op('Neg', [b.op('Div', [b.op('Mul', [g, node.outputs[0]!]), y])]),
  ),
  Erf: unary(({ b }, x) =>
    b.op('Mul', [b.op('Exp', [b.op('Neg', [b.op('Mul', [x, x])])]), b.scalar(2 / Math.sqrt(Math.PI))]),
  ),
  Exp: unary((_, __, y) => y),
  LeakyRelu: unary(({ b, node }, x) => {
    const alpha = floatAttribute(node, 'alpha', 0.01);
    const positive = unitStep(b, x);
    return b.op('Add', [b.op('Mul', [positive, b.scalar(1 - alpha)]), b.scalar(alpha)]);
  }),
  Log: ({ b, node, g }) => [b.op('Div', [g, node.inputs[0]!])],
  Mean: mean,
  Mod: ({ b, node, g, wants, unsupported }) => {
    if (wants(1)) unsupported('the divisor of a remainder has no gradient here');
    return [reduceToInput(b, g, node, 0)];
  },
  Mul: binary(
    ({ b, g }, _, y) => b.op('Mul', [g, y]),
    ({ b, g }, x) => b.op('Mul', [g, x]),
  ),
  Neg: ({ b, g }) => [b.op('Neg', [g])],
  Pow: pow,
  Reciprocal: unary(({ b }, _, y) => b.op('Neg', [b.op('Mul', [y, y])])),
  Relu: ({ b, node, g }) => [reluGradient(b, g, node.outputs[0]!)],
  Sigmoid: unary((context, _, y) => context.b.op('Mul', [y, oneMinus(context, y)])),
  Softplus: unary(({ b }, x) => b.op('Sigmoid', [x])),
  Sqrt: ({ b, node, g }) => [b.op('Div', [b.op('Mul', [g, b.scalar(0.5)]), node.outputs[0]!])],
  Sub: binary(
    ({ g }) => g,
    ({ b, g }) => b.op('Neg', [g]),
  ),
  Sum: sum,
  Tanh: unary((context, _, y) => oneMinus(context, context.b.op('Mul', [y, y]))),
  Where: where,
};
