/**
 * @file Gradients of normalizations per sample, with a scale and a bias: layer, RMS, instance and group normalization.
 */

import { shapeOf } from '../builder/reshaping.ts';
import { normalAxis } from '../model/dims.ts';
import { floatAttribute, intAttribute } from '../operators/attributes.ts';
import { perChannel } from './batch-normalization.ts';
import { reduceTo } from './broadcasting.ts';
import { rootOf, standardize, standardizeBack } from './standardize.ts';
import type { GradientContext, GradientRule } from './types.ts';

/** The axes from `axis` on. */
function lastAxes({ b, node }: GradientContext): number[] {
  const { length } = b.shape(node.inputs[0]!);
  const axis = normalAxis(intAttribute(node, 'axis', -1), length);
  return Array.from({ length: length - axis }, (_, at) => axis + at);
}

/**
 * y = scale h + bias, h = (x - mean) / sqrt(variance + epsilon) over the axes from `axis` on (Ba, Kiros and Hinton
 * 2016).
 */
const layerNormalization: GradientRule = (context) => {
  const { b, node, g, cotangents, wants, unsupported } = context;
  if (cotangents[0] === undefined || cotangents.slice(1).some((each) => each !== undefined)) {
    return unsupported('the mean and deviation that it gives besides have no gradient here');
  }
  const [x = '', scale = '', bias = ''] = node.inputs;
  const shape = b.shape(x);
  const standard = standardize(b, x, lastAxes(context), rootOf(b, floatAttribute(node, 'epsilon', 1e-5)));
  return [
    wants(0) ? standardizeBack(b, standard, b.op('Mul', [g, scale])) : undefined,
    wants(1) ? reduceTo(b, b.op('Mul', [g, standard.normal]), shape, b.shape(scale), scale) : undefined,
    wants(2) ? reduceTo(b, g, shape, b.shape(bias), bias) : undefined,
  ];
};

/**
 * y = scale h, h = x / sqrt(mean(x^2) + epsilon) (Zhang and Sennrich 2019); dx = (u - h mean(u h)) / that root, u = g
 * scale.
 */
const rmsNormalization: GradientRule = (context) => {
  const { b, node, g, wants } = context;
  const [x = '', scale = ''] = node.inputs;
  const axes = b.ints(lastAxes(context));
  const mean = (value: string): string => b.op('ReduceMean', [value, axes], { keepdims: 1 });
  const root = rootOf(b, floatAttribute(node, 'epsilon', 1e-5))(mean(b.op('Mul', [x, x])));
  const normal = b.op('Div', [x, root]);
  const input = (): string => {
    const u = b.op('Mul', [g, scale]);
    const along = b.op('Mul', [normal, mean(b.op('Mul', [u, normal]))]);
    return b.op('Div', [b.op('Sub', [u, along]), root]);
  };
  return [
    wants(0) ? input() : undefined,
    wants(1) ? reduceTo(b, b.op('Mul', [g, normal]), b.shape(x), b.shape(scale), scale) : undefined,
  ];
};

/** Statistics per image and channel (Ulyanov, Vedaldi and Lempitsky 2016). */
const instanceNormalization: GradientRule = ({ b, node, g, wants }) => {
  const [x = '', scale = ''] = node.inputs;
  const { length } = b.shape(x);
  const spatial = Array.from({ length: length - 2 }, (_, axis) => axis + 2);
  const others = b.ints([0, ...spatial]);
  const standard = standardize(b, x, spatial, rootOf(b, floatAttribute(node, 'epsilon', 1e-5)));
  return [
    wants(0) ? standardizeBack(b, standard, b.op('Mul', [g, perChannel(b, scale, length)])) : undefined,
    wants(1) ? b.op('ReduceSum', [b.op('Mul', [g, standard.normal]), others], { keepdims: 0 }) : undefined,
    wants(2) ? b.op('ReduceSum', [g, others], { keepdims: 0 }) : undefined,
  ];
};

/** Statistics per image and group of channels (Wu and He 2018); scale and bias per channel or per group. */
const groupNormalization: GradientRule = ({ b, node, g, wants }) => {
  const [x = '', scale = ''] = node.inputs;
  const { length } = b.shape(x);
  const groups = intAttribute(node, 'num_groups', 1);
  const rows = (value: string): string => b.op('Reshape', [value, b.ints([0, groups, -1])]);
  const back = (value: string): string => b.op('Reshape', [value, shapeOf(b, x)]);
  const standard = standardize(b, rows(x), [2], rootOf(b, floatAttribute(node, 'epsilon', 1e-5)));
  // Up to opset 20, scale and bias have one number per group.
  const byGroup = b.shape(scale)[0] === groups && b.shape(x)[1] !== groups;
  const stretched = b.op('Unsqueeze', [scale, b.ints([1])]);
  const scaled = (): string =>
    byGroup ? b.op('Mul', [rows(g), stretched]) : rows(b.op('Mul', [g, perChannel(b, scale, length)]));
  const summed = (value: string): string =>
    byGroup
      ? b.op('ReduceSum', [rows(value), b.ints([0, 2])], { keepdims: 0 })
      : b.op('ReduceSum', [value, b.ints(Array.from({ length }, (_, axis) => axis).filter((axis) => axis !== 1))], {
          keepdims: 0,
        });
  return [
    wants(0) ? back(standardizeBack(b, standard, scaled())) : undefined,
    wants(1) ? summed(b.op('Mul', [g, back(standard.normal)])) : undefined,
    wants(2) ? summed(g) : undefined,
  ];
};

export const LAYER_NORMALIZATION: Readonly<Record<string, GradientRule>> = {
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
};
