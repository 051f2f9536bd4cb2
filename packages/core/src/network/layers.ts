/** @file Layers with weights, as nodes of a graph. */

import type { GraphBuilder } from '@pareidolia/autodiff';
import type { Random } from '../random/random.ts';

/** Weights are drawn from a stream of random numbers of their own. */
export const WEIGHT_STREAM = 3;

/**
 * Weights as Caffe's `xavier` filler draws them (after Glorot and Bengio 2010): uniform within +-sqrt(3 / fanIn), so
 * that a sum over the inputs keeps their variance.
 */
export function xavier(count: number, fanIn: number, random: Random): Float32Array {
  const limit = Math.sqrt(3 / fanIn);
  return Float32Array.from({ length: count }, () => limit * (2 * random.uniform() - 1));
}

/**
 * A convolution with stride 1, without padding.
 *
 * @param input `N x inputs x H x W`
 * @param name of the layer; its parameters are `name.weight` and `name.bias`
 * @returns `N x outputs x (H - kernel + 1) x (W - kernel + 1)`
 */
export function convolution(
  graph: GraphBuilder,
  input: string,
  name: string,
  sizes: { readonly inputs: number; readonly outputs: number; readonly kernel: number },
  random: Random,
): string {
  const { inputs, outputs, kernel } = sizes;
  const fanIn = inputs * kernel * kernel;
  const weight = graph.initializer(`${name}.weight`, {
    type: 'float32',
    dims: [outputs, inputs, kernel, kernel],
    data: xavier(outputs * fanIn, fanIn, random),
  });
  return graph.op('Conv', [input, weight, zeroBias(graph, name, outputs)], { kernel_shape: [kernel, kernel] }, name);
}

/** Maxima of 2x2 pixels; an odd last row or column is left out. */
export function maxPool(graph: GraphBuilder, input: string, name: string): string {
  return graph.op('MaxPool', [input], { kernel_shape: [2, 2], strides: [2, 2] }, name);
}

/**
 * A fully connected layer.
 *
 * @param input `N x inputs`
 * @param name of the layer; its parameters are `name.weight` (`outputs x inputs`) and `name.bias`
 * @returns `N x outputs`
 */
export function dense(
  graph: GraphBuilder,
  input: string,
  name: string,
  sizes: { readonly inputs: number; readonly outputs: number },
  random: Random,
): string {
  const { inputs, outputs } = sizes;
  const weight = graph.initializer(`${name}.weight`, {
    type: 'float32',
    dims: [outputs, inputs],
    data: xavier(outputs * inputs, inputs, random),
  });
  return graph.op('Gemm', [input, weight, zeroBias(graph, name, outputs)], { transB: 1 }, name);
}

function zeroBias(graph: GraphBuilder, name: string, outputs: number): string {
  return graph.initializer(`${name}.bias`, { type: 'float32', dims: [outputs], data: new Float32Array(outputs) });
}
