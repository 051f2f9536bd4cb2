/** @file Pieces of graphs that several detectors are made of. */

import type { GraphBuilder } from '@pareidolia/autodiff';
import type { LastLayer } from '../classifier/last-layer.ts';
import type { Whitening } from './statistics/whitening.ts';

/** Adds a float32 constant. */
export function numbers(b: GraphBuilder, values: ArrayLike<number>, dims: readonly number[]): string {
  return b.constant({ type: 'float32', dims, data: Float32Array.from(values) });
}

/** Adds the product of rows `N x in` with the transpose of a matrix `out x in`: `N x out`. */
export function productNodes(
  b: GraphBuilder,
  rows: string,
  matrix: ArrayLike<number>,
  out: number,
  width: number,
): string {
  const transposed = new Float32Array(out * width);
  for (let k = 0; k < out; k++) for (let i = 0; i < width; i++) transposed[i * out + k] = matrix[k * width + i]!;
  return b.op('MatMul', [rows, numbers(b, transposed, [width, out])]);
}

/** Adds the last layer on features `N x width`: `N x classes`. */
export function layerNodes(b: GraphBuilder, { weight, bias, numClasses, width }: LastLayer, features: string): string {
  return b.op('Add', [productNodes(b, features, weight, numClasses, width), numbers(b, bias, [numClasses])]);
}

/** The last layer on the features of one image. */
export function layerOf({ weight, bias, numClasses, width }: LastLayer, features: ArrayLike<number>): Float64Array {
  const logits = Float64Array.from(bias);
  for (let k = 0; k < numClasses; k++) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += weight[k * width + i]! * features[i]!;
    logits[k]! += sum;
  }
  return logits;
}

/** Adds the squared lengths of rows `N x width`: `N`. */
export function squaredLengthNodes(b: GraphBuilder, rows: string): string {
  return b.op('ReduceSum', [b.op('Mul', [rows, rows]), b.ints([1])], { keepdims: 0 });
}

/** Adds the lengths of rows `N x width`: `N`. */
export function lengthNodes(b: GraphBuilder, rows: string): string {
  return b.op('Sqrt', [squaredLengthNodes(b, rows)]);
}

/** Adds rows `N x width` less a center. */
export function centeredNodes(b: GraphBuilder, rows: string, center: ArrayLike<number>): string {
  return b.op('Sub', [rows, numbers(b, center, [center.length])]);
}

/** Adds rows in the coordinates of a whitening: `N x width`. */
export function whitenedNodes(b: GraphBuilder, rows: string, whitening: Whitening, center: Float64Array): string {
  const { matrix, width } = whitening;
  return productNodes(b, centeredNodes(b, rows, center), matrix, width, width);
}

/** Adds the squared distances of rows `N x width` to points `count x width`: `N x count`. */
export function squaredDistanceNodes(b: GraphBuilder, rows: string, points: ArrayLike<number>, count: number): string {
  const width = points.length / count;
  const away = b.op('Sub', [b.op('Unsqueeze', [rows, b.ints([1])]), numbers(b, points, [count, width])]);
  return b.op('ReduceSum', [b.op('Mul', [away, away]), b.ints([2])], { keepdims: 0 });
}
