/** @file Gradients of batch normalization (Ioffe and Szegedy 2015), at inference and in training. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { TensorValue } from '../model/tensor.ts';
import { floatAttribute, intAttribute } from '../operators/attributes.ts';
import type { GradientContext, GradientRule } from './types.ts';

export const batchNormalization: GradientRule = (context) =>
  intAttribute(context.node, 'training_mode', 0) === 0 ? atInference(context) : inTraining(context);

/** y = scale (x - mean) / sqrt(variance + epsilon) + bias, with mean and variance as inputs. */
function atInference(context: GradientContext): ReturnType<GradientRule> {
  const { b, node, g, wants } = context;
  const [x = '', scale = '', , mean = '', variance = ''] = node.inputs;
  const inverse = (): string => b.op('Reciprocal', [deviationOf(context, variance)]);
  const gradients: (string | undefined)[] = [];
  if (wants(0)) {
    const slopes = constantSlopes(context);
    const slope =
      slopes === undefined ? perChannel(b, b.op('Mul', [scale, inverse()]), b.shape(x).length) : b.constant(slopes);
    gradients[0] = b.op('Mul', [g, slope]);
  }
  if (![1, 2, 3, 4].some(wants)) return gradients;
  const sum = overChannels(b, 'ReduceSum', g);
  gradients[2] = sum;
  if (wants(3)) gradients[3] = b.op('Neg', [b.op('Mul', [b.op('Mul', [scale, inverse()]), sum])]);
  if (!wants(1) && !wants(4)) return gradients;
  const normal = normalized(context, mean, variance);
  const along = overChannels(b, 'ReduceSum', b.op('Mul', [g, normal]));
  gradients[1] = along;
  // d normal / d variance = -normal / (2 (variance + epsilon)).
  const squared = b.op('Mul', [inverse(), inverse()]);
  gradients[4] = b.op('Mul', [b.op('Mul', [b.op('Mul', [along, scale]), squared]), b.scalar(-0.5)]);
  return gradients;
}

/**
 * y = scale h + bias with the mean and variance of the batch itself: with s = scale / sqrt(variance + epsilon),
 * dx = s (g - mean(g) - h mean(g h)). The running statistics do not influence y, and have no gradient, as in PyTorch.
 */
function inTraining(context: GradientContext): ReturnType<GradientRule> {
  const { b, node, g, cotangents, wants, unsupported } = context;
  if (cotangents[0] === undefined || cotangents.slice(1).some((each) => each !== undefined)) {
    return unsupported('its running statistics have no gradient');
  }
  if (wants(3) || wants(4)) return unsupported('in training mode the running statistics do not touch its result');
  const [x = '', scale = ''] = node.inputs;
  const { mean, variance } = batchStatistics(context);
  const normal = normalized(context, mean, variance);
  const product = b.op('Mul', [g, normal]);
  const gradients = [
    undefined,
    wants(1) ? overChannels(b, 'ReduceSum', product) : undefined,
    wants(2) ? overChannels(b, 'ReduceSum', g) : undefined,
  ];
  if (!wants(0)) return gradients;
  const slope = b.op('Div', [scale, deviationOf(context, variance)]);
  const level = b.op('Mul', [slope, overChannels(b, 'ReduceMean', g)]);
  const along = b.op('Mul', [slope, overChannels(b, 'ReduceMean', product)]);
  const rank = b.shape(x).length;
  const steep = b.op('Mul', [g, perChannel(b, slope, rank)]);
  const away = b.op('Add', [b.op('Mul', [normal, perChannel(b, along, rank)]), perChannel(b, level, rank)]);
  return [b.op('Sub', [steep, away]), ...gradients.slice(1)];
}

/** Mean and variance of the batch, one number per channel. */
function batchStatistics({ b, node }: GradientContext): { readonly mean: string; readonly variance: string } {
  const [, mean = '', variance = ''] = node.outputs;
  // With a momentum of 0 the running statistics that the node outputs are those of the batch.
  if (mean !== '' && variance !== '' && floatAttribute(node, 'momentum', 0.9) === 0) return { mean, variance };
  const x = node.inputs[0]!;
  const ofBatch = overChannels(b, 'ReduceMean', x);
  const centered = b.op('Sub', [x, perChannel(b, ofBatch, b.shape(x).length)]);
  return { mean: ofBatch, variance: overChannels(b, 'ReduceMean', b.op('Mul', [centered, centered])) };
}

/** (x - mean) / sqrt(variance + epsilon), by the operator itself, which needs one pass. */
function normalized({ b, node }: GradientContext, mean: string, variance: string): string {
  const [x = '', scale = ''] = node.inputs;
  const shape = b.op('Shape', [scale]);
  const [one, zero] = [1, 0].map((value) => b.op('Expand', [b.scalar(value), shape])) as [string, string];
  const epsilon = floatAttribute(node, 'epsilon', 1e-5);
  return b.op('BatchNormalization', [x, one, zero, mean, variance], { epsilon });
}

function deviationOf({ b, node }: GradientContext, variance: string): string {
  return b.op('Sqrt', [b.op('Add', [variance, b.scalar(floatAttribute(node, 'epsilon', 1e-5))])]);
}

function overChannels(b: GraphBuilder, opType: 'ReduceSum' | 'ReduceMean', value: string): string {
  const axes = b.shape(value).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return b.op(opType, [value, b.ints(axes)], { keepdims: 0 });
}

/** Reshapes `C` to `C x 1 x 1`, which broadcasts against images. */
export function perChannel(b: GraphBuilder, value: string, rank: number): string {
  if (rank <= 2) return value;
  return b.op('Unsqueeze', [value, b.ints(Array.from({ length: rank - 2 }, (_, axis) => axis + 1))]);
}

/**
 * scale / sqrt(variance + epsilon) as a constant, `1 x C x 1 x 1`, which the gradient of a Conv before it folds into
 * its kernel.
 */
function constantSlopes({ b, node }: GradientContext): TensorValue | undefined {
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
