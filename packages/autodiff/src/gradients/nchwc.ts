/**
 * @file The blocked layout NCHWc, in which convolutions of ONNX Runtime's CPU provider are fast. The runtime chooses it
 * node by node, starting from convolutions; the functions here help it to stay in it.
 */

import type { GraphBuilder } from '../builder/builder.ts';
import type { TensorValue } from '../model/tensor.ts';

/** Channels per block. */
export const BLOCK = 8;

/** A convolution can be in the layout if its input channels are a multiple of this. */
export const CHANNELS_AT_ONCE = 4;

/** Operators whose output is in the layout if all their inputs are. */
const PASSES_ON = new Set(['Add', 'Concat', 'HardSigmoid', 'MaxPool', 'Mul', 'Relu', 'Sum']);

/** Operators that the runtime folds into a convolution before them. */
const FOLDED = new Set(['BatchNormalization']);

/** The number of channels, rounded up to whole blocks. */
export function wholeBlocks(channels: number): number {
  return Math.ceil(channels / BLOCK) * BLOCK;
}

/** Whether a value is an image whose channels are a multiple of the block. */
function fits(b: GraphBuilder, value: string): boolean {
  const [, channels, ...spatial] = b.shape(value);
  return spatial.length === 2 && typeof channels === 'number' && channels % BLOCK === 0;
}

/** Whether ONNX Runtime will have a value in the layout, judging by the nodes that compute it. */
export function isNchwc(b: GraphBuilder, value: string): boolean {
  if (!fits(b, value)) return false;
  const maker = b.nodes.findLast(({ outputs }) => outputs[0] === value);
  if (maker === undefined) return false;
  if (maker.opType === 'Conv') return true;
  if (FOLDED.has(maker.opType)) return isNchwc(b, maker.inputs[0]!);
  return PASSES_ON.has(maker.opType) && maker.inputs.every((input) => isNchwc(b, input));
}

/**
 * Brings an image into the layout, by an identity convolution. It pays if several operators follow that would each
 * convert back and forth.
 *
 * @param value `N x C x height x width`; returned as it is if it is in the layout already, or cannot be
 */
export function toNchwc(b: GraphBuilder, value: string): string {
  if (!fits(b, value) || isNchwc(b, value)) return value;
  const channels = Number(b.shape(value)[1]);
  return b.op('Conv', [value, b.constant(channelwiseKernel(channels, [1, 1], 0, 0, 1))], {
    kernel_shape: [1, 1],
    group: channels,
  });
}

/** `channels x 1 x size`: a depthwise kernel with `value` at one place, zeros elsewhere. */
export function channelwiseKernel(
  channels: number,
  size: readonly number[],
  row: number,
  column: number,
  value: number,
): TensorValue {
  const [tall = 1, wide = 1] = size;
  const data = new Float32Array(channels * tall * wide);
  for (let channel = 0; channel < channels; channel++) data[(channel * tall + row) * wide + column] = value;
  return { type: 'float32', dims: [channels, 1, tall, wide], data };
}

/** `wholeBlocks(channels) x channels x size`: the same as a dense kernel, whose additional output channels are zero. */
export function blockFillingKernel(
  channels: number,
  size: readonly number[],
  row: number,
  column: number,
  value: number,
): TensorValue {
  const [tall = 1, wide = 1] = size;
  const data = new Float32Array(wholeBlocks(channels) * channels * tall * wide);
  for (let channel = 0; channel < channels; channel++) {
    data[((channel * channels + channel) * tall + row) * wide + column] = value;
  }
  return { type: 'float32', dims: [wholeBlocks(channels), channels, tall, wide], data };
}
