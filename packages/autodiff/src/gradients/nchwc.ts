/**
 * @file The blocked layout (NCHWc) in which ONNX Runtime's convolutions on the CPU are fast. It chooses it by itself, node by
 * node, from convolutions on; what is written here only helps it to stay there.
 */

import type { GraphBuilder } from '../builder/builder.ts';
import type { TensorValue } from '../model/tensor.ts';

/** Channels that stand together in the layout. */
export const BLOCK = 8;

/** An image goes into a convolution in the layout where its channels are a multiple of this. */
export const CHANNELS_AT_ONCE = 4;

/** What passes the layout on where all its inputs have it. */
const PASSES_ON = new Set(['Add', 'Concat', 'HardSigmoid', 'MaxPool', 'Mul', 'Relu', 'Sum']);

/** What is folded into the convolution before it. */
const FOLDED = new Set(['BatchNormalization']);

/** A number of channels filled up to whole blocks. */
export function wholeBlocks(channels: number): number {
  return Math.ceil(channels / BLOCK) * BLOCK;
}

/** Whether a value is an image with channels that fill whole blocks. */
function fits(b: GraphBuilder, value: string): boolean {
  const [, channels, ...spatial] = b.shape(value);
  return spatial.length === 2 && typeof channels === 'number' && channels % BLOCK === 0;
}

/** Whether ONNX Runtime has a value in the layout already, as far as the nodes in front of it tell. */
export function isNchwc(b: GraphBuilder, value: string): boolean {
  if (!fits(b, value)) return false;
  const maker = b.nodes.findLast(({ outputs }) => outputs[0] === value);
  if (maker === undefined) return false;
  if (maker.opType === 'Conv') return true;
  if (FOLDED.has(maker.opType)) return isNchwc(b, maker.inputs[0]!);
  return PASSES_ON.has(maker.opType) && maker.inputs.every((input) => isNchwc(b, input));
}

/**
 * The same image, in the layout: through a convolution that leaves it as it is, where it comes from elsewhere. Worth it
 * where several operators follow that would each change back and forth.
 *
 * @param value `N x C x height x width`; other ranks, and channels that fill no blocks, stay as they are
 */
export function toNchwc(b: GraphBuilder, value: string): string {
  if (!fits(b, value) || isNchwc(b, value)) return value;
  const channels = Number(b.shape(value)[1]);
  return b.op('Conv', [value, b.constant(channelwiseKernel(channels, [1, 1], 0, 0, 1))], {
    kernel_shape: [1, 1],
    group: channels,
  });
}

/** `channels x 1 x size`: a kernel for each channel by itself, one number at one place, zeros elsewhere. */
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

/** `wholeBlocks(channels) x channels x size`: each channel's number at one place, and no number for those that fill up. */
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
