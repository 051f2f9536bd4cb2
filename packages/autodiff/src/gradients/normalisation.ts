/** @file Gradients of softmax and of normalisations. */

import { floatAttribute, intAttribute } from '../graph/model.ts';
import type { TensorValue } from '../graph/tensor.ts';
import { normalAxis } from '../shapes/dims.ts';
import { reduceTo } from './broadcasting.ts';
import type { GradientContext, GradientRule } from './types.ts';

/** y (g - sum(g y)). */
const softmax: GradientRule = ({ b, node, g }) => {
  const y = node.outputs[0]!;
  const axes = b.ints([intAttribute(node, 'axis', -1)]);
  const weighted = b.op('Mul', [g, y]);
  const sum = b.op('ReduceSum', [weighted, axes], { keepdims: 1 });
  return [b.op('Sub', [weighted, b.op('Mul', [y, sum])])];
};

/** g - softmax(x) sum(g). */
const logSoftmax: GradientRule = ({ b, node, g }) => {
  const axes = b.ints([intAttribute(node, 'axis', -1)]);
  const sum = b.op('ReduceSum', [g, axes], { keepdims: 1 });
  return [b.op('Sub', [g, b.op('Mul', [b.op('Exp', [node.outputs[0]!]), sum])])];
};

/** At inference: y = scale (x - mean) / sqrt(variance + epsilon) + bias, all but x constant. */
const batchNormalization: GradientRule = (context) => {
  const { b, node, g, wants, unsupported } = context;
  const [x, scale, , , variance] = node.inputs;
  if ([1, 2, 3, 4].some(wants)) unsupported('only its input has a gradient here');
  if (intAttribute(node, 'training_mode', 0) !== 0) unsupported('it is in training mode');
  const slopes = slopesOf(context);
  if (slopes !== undefined) return [b.op('Mul', [g, b.constant(slopes)])];
  const epsilon = b.scalar(floatAttribute(node, 'epsilon', 1e-5));
  const slope = b.op('Div', [scale!, b.op('Sqrt', [b.op('Add', [variance!, epsilon])])]);
  const axes = b.shape(x!).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return [b.op('Mul', [g, b.op('Unsqueeze', [slope, b.ints(axes)])])];
};

/** scale / sqrt(variance + epsilon) of constants, `1 x C x 1 x 1`: the convolution in front takes it into its kernel. */
function slopesOf({ b, node }: GradientContext): TensorValue | undefined {
  const [scale, variance] = [b.valueOf(node.inputs[1]!), b.valueOf(node.inputs[4]!)];
  if (scale?.type !== 'float32' || variance?.type !== 'float32') return undefined;
  const epsilon = floatAttribute(node, 'epsilon', 1e-5);
  const data = Float32Array.from(variance.data as Float32Array, (value, channel) => {
    return Number(scale.data[channel]) / Math.sqrt(value + epsilon);
  });
  const rank = b.shape(node.inputs[0]!).length;
  const dims = Array.from({ length: rank }, (_, axis) => (axis === 1 ? data.length : 1));
  return { type: 'float32', dims, data };
}

/**
 * y = scale h + bias, h = (x - mean) / sqrt(variance + epsilon) over the axes from `axis` on. With u = g scale:
 * dx = (u - mean(u) - h mean(u h)) / sqrt(variance + epsilon).
 */
const layerNormalization: GradientRule = ({ b, node, g, wants }) => {
  const [x, scale, bias] = node.inputs;
  const shape = b.shape(x!);
  const axis = normalAxis(intAttribute(node, 'axis', -1), shape.length);
  const axes = b.ints(shape.flatMap((_, at) => (at >= axis ? [at] : [])));
  const mean = (value: string): string => b.op('ReduceMean', [value, axes], { keepdims: 1 });
  const centred = b.op('Sub', [x!, mean(x!)]);
  const variance = mean(b.op('Mul', [centred, centred]));
  const deviation = b.op('Sqrt', [b.op('Add', [variance, b.scalar(floatAttribute(node, 'epsilon', 1e-5))])]);
  const normal = b.op('Div', [centred, deviation]);
  const input = (): string => {
    const u = b.op('Mul', [g, scale!]);
    const along = b.op('Mul', [normal, mean(b.op('Mul', [u, normal]))]);
    return b.op('Div', [b.op('Sub', [b.op('Sub', [u, mean(u)]), along]), deviation]);
  };
  return [
    wants(0) ? input() : undefined,
    wants(1) ? reduceTo(b, b.op('Mul', [g, normal]), shape, b.shape(scale!)) : undefined,
    wants(2) ? reduceTo(b, g, shape, b.shape(bias!)) : undefined,
  ];
};

export const NORMALISATION: Readonly<Record<string, GradientRule>> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  LogSoftmax: logSoftmax,
  Softmax: softmax,
};
