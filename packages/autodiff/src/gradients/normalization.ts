/** @file Gradients of normalizations. */

import type { GraphBuilder } from '../builder/builder.ts';
import { shapeOf } from '../builder/reshaping.ts';
import { normalAxis } from '../model/dims.ts';
import { floatAttribute, intAttribute, intsAttribute } from '../operators/attributes.ts';
import { batchNormalization } from './batch-normalization.ts';
import { LAYER_NORMALIZATION } from './layer-normalization.ts';
import { SOFTMAX } from './softmax.ts';
import { standardize, standardizeBack } from './standardize.ts';
import type { GradientRule } from './types.ts';

/** Added to the standard deviation by MeanVarianceNormalization (ONNX operator definition). */
const SMALL = 1e-9;

/** y = (x - mean) / (deviation + 1e-9). */
const meanVarianceNormalization: GradientRule = ({ b, node, g }) => {
  const x = node.inputs[0]!;
  const { length } = b.shape(x);
  const axes = (intsAttribute(node, 'axes') ?? [0, 2, 3]).map((axis) => normalAxis(axis, length));
  const deviation = (variance: string): string => b.op('Add', [b.op('Sqrt', [variance]), b.scalar(SMALL)]);
  return [standardizeBack(b, standardize(b, x, axes, deviation), g)];
};

/**
 * y = x / |x|_p along an axis: dx = (g - d|x|_p/dx sum(g y)) / |x|_p, and 0 where |x|_p is 0. The norm is computed of x over
 * its largest element, since squares overflow from 2e19 on, and vanish below 1e-23.
 */
const lpNormalization: GradientRule = ({ b, node, g }) => {
  const x = node.inputs[0]!;
  const axes = b.ints([intAttribute(node, 'axis', -1)]);
  const p = intAttribute(node, 'p', 2);
  const largest = b.op('ReduceMax', [b.op('Abs', [x]), axes], { keepdims: 1 });
  const exists = b.op('Cast', [b.op('Greater', [largest, b.scalar(0)])], { to: 1 });
  // Added where the vector is 0, so that nothing is divided by 0.
  const nowhere = b.op('Sub', [b.scalar(1), exists]);
  const scale = b.op('Add', [largest, nowhere]);
  const unit = b.op('Div', [x, scale]);
  const norm = b.op('Add', [b.op(p === 1 ? 'ReduceL1' : 'ReduceL2', [unit, axes], { keepdims: 1 }), nowhere]);
  const y = b.op('Div', [unit, norm]);
  const along = b.op('ReduceSum', [b.op('Mul', [g, y]), axes], { keepdims: 1 });
  const away = b.op('Mul', [p === 1 ? b.op('Sign', [x]) : y, along]);
  const rest = b.op('Mul', [b.op('Sub', [g, away]), b.op('Div', [exists, norm])]);
  return [b.op('Div', [rest, scale])];
};

/**
 * y = x / s^beta, s = bias + alpha/size sum(x^2) over `size` neighboring channels (Krizhevsky, Sutskever and Hinton
 * 2012, section 3.3): dx = g / s^beta - 2 alpha beta/size x sum(g x / s^(beta + 1)), where the sum is over the windows
 * that contain the channel.
 */
const lrn: GradientRule = ({ b, node, g, unsupported }) => {
  const x = node.inputs[0]!;
  const channels = b.shape(x)[1];
  if (typeof channels !== 'number') return unsupported('its number of channels is open');
  const size = intAttribute(node, 'size', 1);
  const [alpha, beta] = [floatAttribute(node, 'alpha', 1e-4), floatAttribute(node, 'beta', 0.75)];
  const bias = floatAttribute(node, 'bias', 1);
  const below = Math.floor((size - 1) / 2);
  const above = size - 1 - below;
  // Channels as the rows of an image: a pool takes the mean over neighbors.
  const rows = (value: string): string => b.op('Reshape', [value, b.ints([0, 1, channels, -1])]);
  const mean = (value: string, before: number, after: number): string =>
    b.op('AveragePool', [value], { kernel_shape: [size, 1], pads: [before, 0, after, 0], count_include_pad: 1 });
  const image = rows(x);
  const squares = mean(b.op('Mul', [image, image]), below, above);
  const s = b.op('Add', [b.op('Mul', [squares, b.scalar(alpha)]), b.scalar(bias)]);
  const scaled = b.op('Div', [rows(g), power(b, s, beta)]);
  const shared = mean(b.op('Div', [b.op('Mul', [scaled, image]), s]), above, below);
  const away = b.op('Mul', [b.op('Mul', [image, b.scalar(2 * alpha * beta)]), shared]);
  return [b.op('Reshape', [b.op('Sub', [scaled, away]), shapeOf(b, x)])];
};

/** value^exponent; for 0.75, the usual beta, by square roots, which are vectorized as powers are not. */
function power(b: GraphBuilder, value: string, exponent: number): string {
  if (exponent !== 0.75) return b.op('Pow', [value, b.scalar(exponent)]);
  const root = b.op('Sqrt', [value]);
  return b.op('Mul', [root, b.op('Sqrt', [root])]);
}

export const NORMALIZATION: Readonly<Record<string, GradientRule>> = {
  ...LAYER_NORMALIZATION,
  ...SOFTMAX,
  BatchNormalization: batchNormalization,
  LRN: lrn,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
};
