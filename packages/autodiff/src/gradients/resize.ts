/**
 * @file Gradients of Resize, which multiplies by an interpolation matrix along each axis: products with those matrices,
 * transposed.
 */

import type { GraphBuilder } from '../builder/builder.ts';
import { lengthOf, vectorOf } from '../builder/reshaping.ts';
import { normalAxis } from '../model/dims.ts';
import type { Attribute, Dim, Node } from '../model/model.ts';
import { intsAttribute, stringAttribute } from '../operators/attributes.ts';
import { multiplyAlong } from './scatter-rows.ts';
import type { GradientRule } from './types.ts';

const resize: GradientRule = ({ b, node, g, wants, unsupported }) => {
  if (wants(1) || wants(2)) unsupported('its scales and its region have no gradient');
  const [x = '', , , sizes = ''] = node.inputs;
  const policy = stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch');
  if (sizes !== '' && policy !== 'stretch')
    return unsupported(`its keep_aspect_ratio_policy ${policy} has no gradient here`);
  const whole = wholeFactors(b, node);
  if (whole !== undefined) return [sumOfBlocks(b, g, whole)];

  const rank = b.shape(x).length;
  const axes = axesOf(node, rank);
  let result = g;
  for (const [index, axis] of axes.entries()) {
    if (keeps(b, node, index, axis)) continue;
    result = multiplyAlong(b, result, axis, interpolation(b, node, index, axis, axes.length));
  }
  return [result];
};

function axesOf(node: Node, rank: number): readonly number[] {
  const given = intsAttribute(node, 'axes');
  return given?.map((axis) => normalAxis(axis, rank)) ?? Array.from({ length: rank }, (_, axis) => axis);
}

const isCrop = (node: Node): boolean => coordinatesOf(node) === 'tf_crop_and_resize';

/** The scale of an axis; `undefined` if it is computed. */
function factor(b: GraphBuilder, node: Node, index: number, axis: number): number | undefined {
  const [x = '', , scales = ''] = node.inputs;
  const given = b.valueOf(scales)?.data;
  if (given !== undefined && given.length > 0) return Number(given[index]);
  if (scales !== '' && given === undefined) return undefined;
  const [from, to]: (Dim | undefined)[] = [b.shape(x)[axis], b.shape(node.outputs[0]!)[axis]];
  return typeof from === 'number' && typeof to === 'number' ? to / from : undefined;
}

/** Whether an axis is not resampled. */
function keeps(b: GraphBuilder, node: Node, index: number, axis: number): boolean {
  if (factor(b, node, index, axis) !== 1) return false;
  if (!isCrop(node)) return true;
  const roi = b.valueOf(node.inputs[1] ?? '')?.data;
  return roi !== undefined && roi[index] === 0 && roi[index + roi.length / 2] === 1;
}

/** Coordinate transformations and the rounding modes with which every pixel becomes a block, at integer scales. */
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  asymmetric: ['floor'],
  half_pixel: ['round_prefer_floor', 'round_prefer_ceil'],
  half_pixel_symmetric: ['round_prefer_floor', 'round_prefer_ceil'],
  pytorch_half_pixel: ['round_prefer_floor', 'round_prefer_ceil'],
  tf_half_pixel_for_nn: ['floor'],
};

/** The lengths of the blocks that pixels become, one per spatial axis; `undefined` if they do not become blocks. */
function wholeFactors(b: GraphBuilder, node: Node): readonly number[] | undefined {
  const rank = b.shape(node.inputs[0]!).length;
  const coordinates = coordinatesOf(node);
  const rounding = stringAttribute(node, 'nearest_mode', 'round_prefer_floor');
  if (stringAttribute(node, 'mode', 'nearest') !== 'nearest' || !BLOCKS[coordinates]?.includes(rounding))
    return undefined;
  const factors = new Array<number | undefined>(rank).fill(1);
  for (const [index, axis] of axesOf(node, rank).entries()) factors[axis] = factor(b, node, index, axis);
  const sides = factors.slice(2);
  const isWhole =
    factors[0] === 1 && factors[1] === 1 && sides.length > 0 && sides.every((side) => Number.isInteger(side));
  return isWhole ? sides.map(Number) : undefined;
}

/** Each pixel gets the sum over its block. */
function sumOfBlocks(b: GraphBuilder, g: string, sides: readonly number[]): string {
  const count = sides.reduce((product, side) => product * side, 1);
  if (count === 1) return g;
  return b.op('Mul', [b.op('AveragePool', [g], { kernel_shape: sides, strides: sides }), b.scalar(count)]);
}

/**
 * The interpolation matrix of an axis, `old length x new length`: the same Resize of an identity matrix. Computed by
 * ONNX Runtime, it has the same rounding as the forward pass.
 */
function interpolation(b: GraphBuilder, node: Node, index: number, axis: number, count: number): string {
  const [x = '', roi = '', scales = '', sizes = ''] = node.inputs;
  const length = lengthOf(b, x, axis);
  const square = b.op('ConstantOfShape', [vectorOf(b, [length, length])]);
  const units = b.op('EyeLike', [square], { dtype: 1 });
  const floats = (...numbers: readonly number[]): string =>
    b.constant({ type: 'float32', dims: [numbers.length], data: Float32Array.from(numbers) });
  /** An element of a vector, as a vector of length 1. */
  const pick = (vector: string, at: number): string => {
    const known = b.valueOf(vector)?.data;
    return known === undefined ? b.op('Gather', [vector, b.ints([at])]) : floats(Number(known[at]));
  };
  const region = (): string =>
    b.op('Concat', [floats(0), pick(roi, index), floats(1), pick(roi, count + index)], { axis: 0 });
  const known = b.valueOf(sizes)?.data;
  const newLength =
    known === undefined
      ? sizes === ''
        ? ''
        : b.op('Gather', [sizes, b.ints([index])])
      : b.ints([Number(known[index])]);
  const attributes = new Map<string, Attribute>(
    [...node.attributes].filter(([name]) => name !== 'axes' && name !== 'keep_aspect_ratio_policy'),
  );
  // Outside the region the output is a constant, so its gradient is 0.
  attributes.set('extrapolation_value', { kind: 'float', value: 0 });
  const offset = newLength === '' && isBlurred(b, node, axis) ? ROWS_OF_THREE[coordinatesOf(node)] : undefined;
  const output = b.unique('interpolation');
  b.add({
    name: b.unique('Resize'),
    opType: 'Resize',
    inputs: [
      units,
      isCrop(node) ? region() : '',
      newLength === '' ? b.op('Concat', [floats(offset === undefined ? 1 : 3), pick(scales, index)], { axis: 0 }) : '',
      ...(newLength === '' ? [] : [b.op('Concat', [vectorOf(b, [length]), newLength], { axis: 0 })]),
    ],
    outputs: [output],
    attributes,
  });
  const shape = [b.shape(x)[axis]!, b.shape(node.outputs[0]!)[axis]!];
  if (offset === undefined) {
    b.describe(output, { type: 'float32', shape });
    return output;
  }
  return b.op('Slice', [output, b.ints([offset]), b.ints([2 ** 31 - 1]), b.ints([0]), b.ints([3])]);
}

/**
 * Whether an axis keeps its length though it is resampled, by a scale such as 1.1, while another axis changes its own. ONNX
 * Runtime copies where no length changes at all, so the matrix of that axis must not be made by itself.
 */
function isBlurred(b: GraphBuilder, node: Node, axis: number): boolean {
  const [from, to] = [b.shape(node.inputs[0]!), b.shape(node.outputs[0]!)];
  return typeof from[axis] === 'number' && from[axis] === to[axis] && from.some((dim, at) => dim !== to[at]);
}

/** Where in three rows the one is that is an old row exactly, at a scale of 3. */
const ROWS_OF_THREE: Readonly<Record<string, number>> = {
  asymmetric: 0,
  half_pixel: 1,
  half_pixel_symmetric: 1,
  pytorch_half_pixel: 1,
};

const coordinatesOf = (node: Node): string => stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel');

export const RESIZE: Readonly<Record<string, GradientRule>> = { Resize: resize };
