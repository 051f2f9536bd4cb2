/** @file The gradient of max pooling for windows with too many elements to handle one by one. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Node } from '../model/model.ts';
import { dropsWindow, type Windows } from '../operators/windows.ts';
import { globalMaxPool } from './global-pooling.ts';
import type { GradientContext } from './types.ts';

/** Windows of up to this many elements are handled element by element. */
const FEW = 16;

/**
 * A window over the whole image is a global pool. Other pools are split into a pool within rows and one across them:
 * the first maximum of a window in row-major order is the first maximum of the first row that contains it.
 *
 * @param image the pooled value
 * @param poolBack gives the gradient of a smaller pool, from its node and the cotangent of its output
 * @returns `undefined` if the windows are small, or extend along one axis only
 */
export function maxPoolOfLargeWindows(
  context: GradientContext,
  image: string,
  windows: Windows,
  poolBack: (node: Node, cotangent: string) => string,
): string | undefined {
  const { b, node, g } = context;
  const [lengths, counts] = [b.shape(image).slice(2), b.shape(node.outputs[0]!).slice(2)];
  const { kernel, dilations, before } = windows;
  const isWhole = kernel.every((size, axis) => {
    const begins = counts[axis] === 1 && before[axis] === 0 && dilations[axis] === 1;
    return begins && typeof lengths[axis] === 'number' && size >= lengths[axis];
  });
  if (isWhole) return globalMaxPool({ ...context, node: { ...node, inputs: [image] } })[0];

  const last = kernel.length - 1;
  const size = kernel.reduce((product, length) => product * length, 1);
  const isFlat = size === kernel[last] || kernel[last] === 1;
  if (size <= FEW || isFlat || dropsWindow(lengths, windows)) return undefined;
  const inRows = partOf(b, image, windows, (axis) => axis === last);
  b.add(inRows);
  const overRows = partOf(b, inRows.outputs[0]!, windows, (axis) => axis !== last);
  return poolBack(inRows, poolBack({ ...overRows, outputs: node.outputs }, g));
}

/** A pool with the same windows along some of the axes, and windows of length 1 along the others. */
function partOf(b: GraphBuilder, value: string, windows: Windows, isPooled: (axis: number) => boolean): Node {
  const along = (values: readonly number[], otherwise: number): number[] =>
    values.map((number, axis) => (isPooled(axis) ? number : otherwise));
  return b.node('MaxPool', [value], 1, {
    kernel_shape: along(windows.kernel, 1),
    strides: along(windows.strides, 1),
    dilations: along(windows.dilations, 1),
    pads: [...along(windows.before, 0), ...along(windows.after, 0)],
    ceil_mode: windows.ceil ? 1 : 0,
  });
}
