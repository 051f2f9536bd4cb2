/** @file The gradient of max pooling for windows with too many elements to handle one by one. */

import type { GraphBuilder } from '../../builder/builder.ts';
import { shapeOf } from '../../builder/reshaping.ts';
import { product } from '../../model/dims.ts';
import { dropsWindow, type Windows } from '../../operators/windows.ts';
import type { Pooled } from './pool.ts';

/** Windows of up to this many elements are handled element by element. */
const FEW = 16;

/**
 * A window over the whole image is a global pool. Other pools are split into a pool within rows and one across them:
 * the first maximum of a window in row-major order is the first maximum of the first row that contains it.
 *
 * @param poolBack gives the gradient of a smaller pool
 * @returns `undefined` if the windows are small, or extend along one axis only
 */
export function maxPoolOfLargeWindows(
  b: GraphBuilder,
  { g, x, y }: Pooled,
  windows: Windows,
  poolBack: (pooled: Pooled, windows: Windows) => string,
): string | undefined {
  const [lengths, counts] = [b.shape(x).slice(2), b.shape(y).slice(2)];
  const { kernel, dilations, before } = windows;
  const isWhole = kernel.every((size, axis) => {
    const begins = counts[axis] === 1 && before[axis] === 0 && dilations[axis] === 1;
    return begins && typeof lengths[axis] === 'number' && size >= lengths[axis];
  });
  if (isWhole) return ofWholeImage(b, g, x);

  const last = kernel.length - 1;
  const size = kernel.reduce((all, length) => all * length, 1);
  const isFlat = size === kernel[last] || kernel[last] === 1;
  if (size <= FEW || isFlat || dropsWindow(lengths, windows)) return undefined;
  const ceil = windows.ceil ? 1 : 0;
  const [inRows, overRows] = [along(windows, (axis) => axis === last), along(windows, (axis) => axis !== last)];
  const { kernel: shape, strides, dilations: steps, before: front, after } = inRows;
  const between = b.op('MaxPool', [x], {
    kernel_shape: shape,
    strides,
    dilations: steps,
    pads: [...front, ...after],
    ceil_mode: ceil,
  });
  return poolBack({ g: poolBack({ g, x: between, y }, overRows), x, y: between }, inRows);
}

/** The first maximum of the image gets the cotangent. */
function ofWholeImage(b: GraphBuilder, g: string, x: string): string {
  const rows = (value: string): string => b.op('Reshape', [value, b.ints([0, 0, -1])]);
  const place = b.op('ArgMax', [rows(x)], { axis: 2, keepdims: 1 });
  const count = product(b.shape(x).slice(2)).known;
  const places = b.ints(Array.from({ length: count }, (_, at) => at));
  const mask = b.op('Cast', [b.op('Equal', [place, places])], { to: 1 });
  return b.op('Reshape', [b.op('Mul', [rows(g), mask]), shapeOf(b, x)]);
}

/** The same windows along some of the axes, and windows of length 1 along the others. */
function along(windows: Windows, isPooled: (axis: number) => boolean): Windows {
  const some = (values: readonly number[], otherwise: number): number[] =>
    values.map((number, axis) => (isPooled(axis) ? number : otherwise));
  return {
    kernel: some(windows.kernel, 1),
    strides: some(windows.strides, 1),
    dilations: some(windows.dilations, 1),
    before: some(windows.before, 0),
    after: some(windows.after, 0),
    ceil: windows.ceil,
  };
}
