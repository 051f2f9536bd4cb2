/** @file Gradients of reductions. */

import { normalAxis, product } from '../model/dims.ts';
import { intAttribute } from '../operators/attributes.ts';
import { firstHolder } from './extrema.ts';
import type { GradientContext, GradientRule } from './types.ts';

/** The smallest normal float32. */
const SMALLEST = 2 ** -126;

/** The axes that a Reduce node sums over. */
function axesOf({ b, node, unsupported }: GradientContext): readonly number[] {
  const rank = b.shape(node.inputs[0]!).length;
  const all = Array.from({ length: rank }, (_, axis) => axis);
  const input = node.inputs[1] ?? '';
  if (input === '') return intAttribute(node, 'noop_with_empty_axes', 0) === 0 ? all : [];
  const value = b.valueOf(input) ?? unsupported('its axes are computed');
  const axes = Array.from(value.data as ArrayLike<number | bigint>, (axis) => normalAxis(Number(axis), rank));
  return axes.length > 0 || intAttribute(node, 'noop_with_empty_axes', 0) !== 0 ? axes : all;
}

/** A reduced value with the reduced axes restored, of length 1. */
function restored(context: GradientContext, value: string): string {
  const { b, node } = context;
  const axes = axesOf(context);
  if (axes.length === 0 || intAttribute(node, 'keepdims', 1) !== 0) return value;
  return b.op('Unsqueeze', [value, b.ints(axes)]);
}

/** A rule from the factor that the broadcast cotangent is multiplied by. */
function spread(factor: (context: GradientContext, x: string, y: string) => string | undefined): GradientRule {
  return (context) => {
    const { b, node, g } = context;
    const x = node.inputs[0]!;
    const wide = restored(context, g);
    const times = factor(context, x, restored(context, node.outputs[0]!));
    const scaled = times === undefined ? wide : b.op('Mul', [wide, times]);
    return [times !== undefined && b.shape(times).length > 0 ? scaled : b.op('Expand', [scaled, b.op('Shape', [x])])];
  };
}

const mean: GradientRule = (context) => {
  const shape = context.b.shape(context.node.inputs[0]!);
  const { known, open } = product(axesOf(context).map((axis) => shape[axis]!));
  if (open.length === 0) return spread(({ b }) => b.scalar(1 / known))(context);
  // The number of elements is open: count in the graph.
  const { b, node } = context;
  const ones = b.op('Expand', [b.scalar(1), b.op('Shape', [node.inputs[0]!])]);
  const count = b.op('ReduceSum', [ones, b.ints(axesOf(context))], { keepdims: 1 });
  return spread(() => b.op('Div', [ones, count]))(context);
};

/** The first element that equals the extremum gets the whole cotangent. */
const extremum: GradientRule = (context) => {
  const mask = firstHolder(context, axesOf(context), restored(context, context.node.outputs[0]!));
  return [context.b.op('Mul', [restored(context, context.g), mask])];
};

/**
 * The product of the other factors, without a division by zero: if one factor is zero, only it has a nonzero
 * derivative; if several are, none has.
 */
const ofProduct: GradientRule = (context) => {
  const { b, node, g } = context;
  const x = node.inputs[0]!;
  const axes = b.ints(axesOf(context));
  const isZero = b.op('Equal', [x, b.scalar(0)]);
  const zero = b.op('Cast', [isZero], { to: 1 });
  const others = b.op('Where', [isZero, b.scalar(1), x]);
  const all = b.op('ReduceProd', [others, axes], { keepdims: 1 });
  const zeros = b.op('ReduceSum', [zero, axes], { keepdims: 1 });
  const alone = b.op('Cast', [b.op('Equal', [zeros, zero])], { to: 1 });
  return [b.op('Mul', [restored(context, g), b.op('Mul', [b.op('Div', [all, others]), alone])])];
};

/** One over the sum, for every element. */
const ofLogSum: GradientRule = (context) => {
  const { b, node, g } = context;
  const inverse = b.op('Exp', [b.op('Neg', [restored(context, node.outputs[0]!)])]);
  return [b.op('Expand', [b.op('Mul', [restored(context, g), inverse]), b.op('Shape', [node.inputs[0]!])])];
};

/** The sum of the cotangents of all sums that contain the element: a CumSum in the opposite direction. */
const cumulative: GradientRule = ({ b, node, g }) => [
  b.op('CumSum', [g, node.inputs[1]!], {
    exclusive: intAttribute(node, 'exclusive', 0),
    reverse: 1 - intAttribute(node, 'reverse', 0),
  }),
];

export const REDUCTION: Readonly<Record<string, GradientRule>> = {
  CumSum: cumulative,
  ReduceL1: spread(({ b }, x) => b.op('Sign', [x])),
  // 0 where all elements are 0, as in PyTorch.
  ReduceL2: spread(({ b }, x, y) => b.op('Div', [x, b.op('Max', [y, b.scalar(SMALLEST)])])),
  ReduceLogSum: ofLogSum,
  ReduceLogSumExp: spread(({ b }, x, y) => b.op('Exp', [b.op('Sub', [x, y])])),
  ReduceMax: extremum,
  ReduceMean: mean,
  ReduceMin: extremum,
  ReduceProd: ofProduct,
  ReduceSum: spread(() => undefined),
  ReduceSumSquare: spread(({ b }, x) => b.op('Mul', [x, b.scalar(2)])),
};
