/** @file Shapes behind normalizations: that of the input, and of the statistics that some give besides. */

import { normalAxis } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';
import { intAttribute } from '../operators/attributes.ts';
import type { ShapeContext, ShapeRule } from './types.ts';

const same: ShapeRule = ({ input }) => [input(0)];

/** Inputs from 1 on hold a number for each channel, or for each of `others`. */
function expectPerChannel({ node, input, has, fail }: ShapeContext, others?: number): void {
  const channels = input(0).shape[1] ?? fail('has an input without channels');
  for (const [index, name] of node.inputs.entries()) {
    if (index === 0 || !has(index)) continue;
    const [length = 1, ...more] = input(index).shape;
    const fits = (wanted: Dim | undefined): boolean => typeof wanted !== 'number' || wanted === length;
    if (more.length > 0 || (typeof length === 'number' && !fits(channels) && (others === undefined || !fits(others)))) {
      fail(`has ${channels} channels, but ${name} has the shape [${input(index).shape.join(', ')}]`);
    }
  }
}

/** Beside the result, in training mode, the running mean and variance. */
const batchNormalization: ShapeRule = (context) => {
  expectPerChannel(context);
  return [context.input(0), context.input(3), context.input(4)];
};

const instanceNormalization: ShapeRule = (context) => {
  expectPerChannel(context);
  return [context.input(0)];
};

/** Until opset 20 scale and bias were for each group, since then for each channel. */
const groupNormalization: ShapeRule = (context) => {
  const { node, input, fail } = context;
  const groups = intAttribute(node, 'num_groups', undefined) ?? fail('does not say its num_groups');
  const channels = input(0).shape[1];
  if (typeof channels === 'number' && channels % groups !== 0) fail(`has ${channels} channels for ${groups} groups`);
  expectPerChannel(context, groups);
  return [input(0)];
};

/** Beside the result, mean and inverse deviation: of length 1 along the axes that are normalized. */
const layerNormalization: ShapeRule = ({ node, input }) => {
  const { type, shape } = input(0);
  const axis = normalAxis(intAttribute(node, 'axis', -1), shape.length);
  const statistics = { type, shape: shape.map((dim, at) => (at < axis ? dim : 1)) };
  return [{ type, shape }, statistics, statistics];
};

export const NORMALIZATION_SHAPES: Readonly<Record<string, ShapeRule>> = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  Hardmax: same,
  InstanceNormalization: instanceNormalization,
  LRN: same,
  LayerNormalization: layerNormalization,
  LogSoftmax: same,
  LpNormalization: same,
  MeanVarianceNormalization: same,
  RMSNormalization: same,
  Softmax: same,
};
