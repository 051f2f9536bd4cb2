/** @file Output shapes of normalizations: that of the input, and those of the statistics that some output as well. */

import { normalAxis } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';
import { intAttribute } from '../operators/attributes.ts';
import type { ShapeContext, ShapeRule } from './types.ts';

/** Requires every input after the first to have one number per channel, or `others` numbers. */
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

/** The further outputs are the running mean and variance, in training mode. */
const batchNormalization: ShapeRule = (context) => {
  expectPerChannel(context);
  return [context.input(0), context.input(3), context.input(4)];
};

const instanceNormalization: ShapeRule = (context) => {
  expectPerChannel(context);
  return [context.input(0)];
};

/** Scale and bias have one number per group up to opset 20, one per channel from 21 on. */
const groupNormalization: ShapeRule = (context) => {
  const { node, input, fail } = context;
  const groups = intAttribute(node, 'num_groups', undefined) ?? fail('does not say its num_groups');
  const channels = input(0).shape[1];
  if (typeof channels === 'number' && channels % groups !== 0) fail(`has ${channels} channels for ${groups} groups`);
  expectPerChannel(context, groups);
  return [input(0)];
};

/** The further outputs are mean and inverse standard deviation, of length 1 along the normalized axes. */
const layerNormalization: ShapeRule = ({ node, input }) => {
  const { type, shape } = input(0);
  const axis = normalAxis(intAttribute(node, 'axis', -1), shape.length);
  const statistics = { type, shape: shape.map((dim, at) => (at < axis ? dim : 1)) };
  return [{ type, shape }, statistics, statistics];
};

export const NORMALIZATION_SHAPES: Readonly<Record<string, ShapeRule>> = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
};
