/**
 * @file The blocked layout NCHWc, in which convolutions of ONNX Runtime's CPU provider are fast. The runtime chooses it
 * node by node, starting from convolutions; this helps it to stay in it.
 */

import type { GraphBuilder } from '../../builder/builder.ts';
import type { TensorValue } from '../../model/tensor.ts';

/** A convolution can be in the layout if its input channels are a multiple of this. */
export const CHANNELS_AT_ONCE = 4;

/** Operators whose output is in the layout if all their inputs are. */
const PASSES_ON = new Set(['Add', 'Concat', 'HardSigmoid', 'MaxPool', 'Mul', 'Relu', 'Sum']);

/** Operators that the runtime folds into a convolution before them. */
const FOLDED = new Set(['BatchNormalization']);

/** The layout of a machine, for values of one graph. */
export class Nchwc {
  readonly #b: GraphBuilder;
  readonly #known = new Map<string, boolean>();
  /** Channels per block: 8 or 16. */
  readonly block: number;

  constructor(b: GraphBuilder, block: number) {
    this.#b = b;
    this.block = block;
  }

  /** The number of channels, rounded up to whole blocks. */
  wholeBlocks(channels: number): number {
    return Math.ceil(channels / this.block) * this.block;
  }

  /** Whether ONNX Runtime will have a value in the layout, judging by the nodes that compute it. */
  has(value: string): boolean {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const found = this.#fits(value) && this.#isComputed(value);
    this.#known.set(value, found);
    return found;
  }

  /**
   * Brings an image into the layout, by an identity convolution. It pays if several operators follow that would each
   * convert back and forth.
   *
   * @param value `N x C x height x width`; returned as it is if it is in the layout already, or cannot be
   */
  bring(value: string): string {
    if (!this.#fits(value) || this.has(value)) return value;
    const b = this.#b;
    const channels = Number(b.shape(value)[1]);
    return b.op('Conv', [value, b.constant(channelwiseKernel(channels, [1, 1], 0, 0, 1))], {
      kernel_shape: [1, 1],
      group: channels,
    });
  }

  /** `wholeBlocks(channels) x channels x size`: the same as a dense kernel, whose additional output channels are zero. */
  blockFillingKernel(
    channels: number,
    size: readonly number[],
    row: number,
    column: number,
    value: number,
  ): TensorValue {
    const [tall = 1, wide = 1] = size;
    const outs = this.wholeBlocks(channels);
    const data = new Float32Array(outs * channels * tall * wide);
    for (let channel = 0; channel < channels; channel++) {
      data[((channel * channels + channel) * tall + row) * wide + column] = value;
    }
    return { type: 'float32', dims: [outs, channels, tall, wide], data };
  }

  /** Whether a value is an image whose channels are a multiple of the block. */
  #fits(value: string): boolean {
    if (!this.#b.isDescribed(value)) return false;
    const [, channels, ...spatial] = this.#b.shape(value);
    return spatial.length === 2 && typeof channels === 'number' && channels % this.block === 0;
  }

  #isComputed(value: string): boolean {
    const maker = this.#b.makerOf(value);
    if (maker === undefined) return false;
    if (maker.opType === 'Conv') return true;
    if (FOLDED.has(maker.opType)) return this.has(maker.inputs[0]!);
    return PASSES_ON.has(maker.opType) && maker.inputs.every((input) => this.has(input));
  }
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
