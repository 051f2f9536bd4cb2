/** @file Sliding windows over images whose padding and sizes may be known only when the graph runs. */

import type { GraphBuilder } from '../builder/builder.ts';
import { padAxes } from '../builder/pads.ts';
import type { Dim, Node } from '../model/model.ts';
import { stringAttribute } from '../operators/attributes.ts';
import { type Windows, windowsOf } from '../operators/windows.ts';

/** Below every activation: fills the padding of a max pool, so that it is never the maximum. */
export const LOWEST = -3.4e38;

/** An image with its windows, whose padding is explicit. */
export interface Windowed {
  /** The input of the node; padded, if the padding depends on its open size. */
  readonly image: string;
  readonly windows: Windows;
  /** Crops a value from the shape of `image` to that of the input. */
  readonly crop: (value: string) => string;
}

/**
 * The windows of a convolution or a pool over its first input.
 *
 * @param fill value of the padding
 */
export function windowed(b: GraphBuilder, node: Node, kernel: readonly number[], fill: number): Windowed {
  const image = node.inputs[0]!;
  const windows = windowsOf(node, kernel, b.shape(image).slice(2));
  if (windows !== undefined) return { image, windows, crop: (value) => value };

  // auto_pad SAME with strides above 1 and open sizes: compute the padding in the graph.
  const plain = windowsOf({ ...node, attributes: without(node, 'auto_pad', 'pads') }, kernel, [])!;
  const { strides, dilations } = plain;
  const axes = kernel.map((_, axis) => axis + 2);
  const lengths = b.op('Gather', [b.op('Shape', [image]), b.ints(axes)]);
  const reach = b.ints(kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1));
  const steps = b.op('Div', [b.op('Sub', [lengths, b.ints([1])]), b.ints(strides)]);
  const covered = b.op('Add', [b.op('Mul', [steps, b.ints(strides)]), reach]);
  const total = b.op('Max', [b.op('Sub', [covered, lengths]), b.ints([0])]);
  const half = b.op('Div', [total, b.ints([2])]);
  const rest = b.op('Sub', [total, half]);
  const [before, after] = stringAttribute(node, 'auto_pad', '') === 'SAME_UPPER' ? [half, rest] : [rest, half];
  const padded = padAxes(b, image, b.op('Concat', [before, after], { axis: 0 }), axes, b.scalar(fill));
  return {
    image: padded,
    windows: plain,
    crop: (value) => b.op('Slice', [value, before, b.op('Add', [before, lengths]), b.ints(axes)]),
  };
}

function without(node: Node, ...names: readonly string[]): Node['attributes'] {
  return new Map([...node.attributes].filter(([name]) => !names.includes(name)));
}

/** A target for Reshape: `first`, then the lengths of some axes of a value. */
export function lengthsOf(b: GraphBuilder, value: string, axes: readonly number[], first: readonly number[]): string {
  const shape = b.shape(value);
  const dims: readonly Dim[] = axes.map((axis) => shape[axis]!);
  if (areNumbers(dims)) return b.ints([...first, ...dims]);
  const lengths = b.op('Gather', [b.op('Shape', [value]), b.ints(axes)]);
  return first.length === 0 ? lengths : b.op('Concat', [b.ints(first), lengths], { axis: 0 });
}

/** Images as single-channel images: `(N C) x 1 x spatial`. */
export function planes(b: GraphBuilder, value: string): string {
  const axes = b.shape(value).flatMap((_, axis) => (axis < 2 ? [] : [axis]));
  return b.op('Reshape', [value, lengthsOf(b, value, axes, [-1, 1])]);
}

/** Single-channel images back to the shape of `like`. */
export function images(b: GraphBuilder, value: string, like: string): string {
  const shape = b.shape(like);
  const open = shape.filter((dim) => typeof dim !== 'number').length;
  if (open > 1) return b.op('Reshape', [value, b.op('Shape', [like])]);
  return b.op('Reshape', [value, b.ints(shape.map((dim) => (typeof dim === 'number' ? dim : -1)))]);
}

export function areNumbers(dims: readonly Dim[]): dims is readonly number[] {
  return dims.every((dim) => typeof dim === 'number');
}

/**
 * Convolves an image with windows that may reach beyond it (`ceil_mode`).
 *
 * @param like a value whose spatial axes have the lengths to be output, one element per window
 */
export function convolveAs(
  b: GraphBuilder,
  image: string,
  weights: string,
  windows: Windows,
  fill: number,
  like: string,
): string {
  const { kernel, strides, dilations, before, after } = windows;
  const [lengths, counts] = [b.shape(image).slice(2), b.shape(like).slice(2)];
  const known = areNumbers(lengths) && areNumbers(counts);
  const behind = kernel.map((size, axis) => {
    if (!known) return after[axis]! + (windows.ceil ? strides[axis]! - 1 : 0);
    const end = (counts[axis]! - 1) * strides[axis]! + (size - 1) * dilations[axis]! + 1;
    return Math.max(0, end - before[axis]! - lengths[axis]!);
  });
  const axes = kernel.map((_, axis) => axis + 2);
  const padded = [...before, ...behind].some((pad) => pad > 0)
    ? padAxes(b, image, [...before, ...behind], axes, b.scalar(fill))
    : image;
  const full = b.op('Conv', [padded, weights], { kernel_shape: kernel, strides, dilations });
  if (!windows.ceil && !known) return full;
  const found = b.shape(full).slice(2);
  if (known && found.every((count, axis) => count === counts[axis])) return full;
  return b.op('Slice', [full, b.ints(axes.map(() => 0)), lengthsOf(b, like, axes, []), b.ints(axes)]);
}

/**
 * The transpose of a convolution: for each element, the sum over the windows that contain it.
 *
 * @param value `N x (group O) x windows`
 * @param weights `(group O) x I x kernel`, as in the convolution
 * @param image a value with the spatial axes of the result, known or open
 * @returns `N x (group I) x spatial`
 */
export function convolveBack(
  b: GraphBuilder,
  value: string,
  weights: string,
  windows: Windows,
  group: number,
  image: string,
): string {
  const { kernel, strides, dilations, before, after } = windows;
  const [lengths, counts] = [b.shape(image).slice(2), b.shape(value).slice(2)];
  /** By how much the image is longer than what the windows cover; `undefined` where that is open. */
  const missing = kernel.map((size, axis) => {
    const [length, count] = [lengths[axis], counts[axis]];
    if (typeof length !== 'number' || typeof count !== 'number') return strides[axis] === 1 ? 0 : undefined;
    const reach = (size - 1) * dilations[axis]! + 1;
    return length - (strides[axis]! * (count - 1) + reach - before[axis]! - after[axis]!);
  });
  // What windows cover beyond the edge is cropped as padding; an open remainder is output to its maximum, and cropped
  // below.
  const extra = missing.map((rest, axis) => Math.max(0, Math.min(rest ?? Infinity, strides[axis]! - 1)));
  const behind = after.map((pad, axis) => pad + Math.max(0, -(missing[axis] ?? 0)));
  const spread = b.op('ConvTranspose', [value, weights], {
    kernel_shape: kernel,
    strides,
    dilations,
    group,
    pads: [...before, ...behind],
    output_padding: extra,
  });
  const axes = kernel.map((_, axis) => axis + 2);
  if (missing.includes(undefined)) {
    return b.op('Slice', [spread, b.ints(axes.map(() => 0)), lengthsOf(b, image, axes, []), b.ints(axes)]);
  }
  const short = missing.map((rest, axis) => Math.max(0, rest! - extra[axis]!));
  if (short.every((rest) => rest === 0)) return spread;
  return padAxes(b, spread, [...axes.map(() => 0), ...short], axes);
}
