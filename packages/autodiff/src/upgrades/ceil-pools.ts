/**
 * @file Pools with `ceil_mode` as pools without it. ONNX Runtime's kernels drop a window that would start in the padding at
 * the end, but its shape inference counts it, and then refuses what is computed with the true shape.
 */

import { padAxes } from '../builder/pads.ts';
import type { Attribute, Dim, Node } from '../model/model.ts';
import { intAttribute, intsAttribute } from '../operators/attributes.ts';
import { dropsWindow, type Windows, windowCount, windowsOf } from '../operators/windows.ts';
import { type UpgradeRule, without } from './types.ts';

/** A pool whose size is known and that drops a window: with pads after which exactly the windows that are left fit. */
export const withoutDroppedWindows: UpgradeRule = (node, { b }) => {
  const [x = ''] = node.inputs;
  const kernel = intsAttribute(node, 'kernel_shape');
  const spatial = b.isDescribed(x) ? b.shape(x).slice(2) : [];
  if (kernel === undefined || kernel.length !== spatial.length) return node;
  const windows = windowsOf(node, kernel, spatial);
  if (windows === undefined || !dropsWindow(spatial, windows)) return node;
  const needed = padsThatFit(spatial, windows);
  if (needed === undefined) return node;
  if (node.opType !== 'AveragePool' || intAttribute(node, 'count_include_pad', 0) === 0)
    return plain(node, windows.before, needed);
  if (needed.every((pad, axis) => pad <= windows.after[axis]!)) return plain(node, windows.before, needed);
  // What windows cover beyond the padding does not count, the padding does: the padding becomes part of the image.
  const axes = kernel.map((_, axis) => axis + 2);
  const image = padAxes(b, x, [...windows.before, ...windows.after], axes);
  const zeros = kernel.map(() => 0);
  const beyond = needed.map((pad, axis) => Math.max(0, pad - windows.after[axis]!));
  const uncounted = plain({ ...node, attributes: without(node, 'count_include_pad') }, zeros, beyond);
  return { ...uncounted, inputs: [image] };
};

/**
 * The padding at the end of each axis that the last window reaches; `undefined` where ONNX Runtime would refuse it: as long as
 * the kernel.
 */
function padsThatFit(spatial: readonly Dim[], windows: Windows): readonly number[] | undefined {
  const { kernel, strides, dilations, before, after } = windows;
  const needed = spatial.map((length, axis) => {
    const count = windowCount(length, axis, windows);
    if (typeof length !== 'number' || typeof count !== 'number') return after[axis]!;
    const reach = (kernel[axis]! - 1) * dilations[axis]! + 1;
    return Math.max(0, (count - 1) * strides[axis]! + reach - length - before[axis]!);
  });
  return needed.every((pad, axis) => typeof spatial[axis] === 'number' && pad < kernel[axis]!) ? needed : undefined;
}

/** The pool with these pads, and without `ceil_mode`. */
function plain(node: Node, before: readonly number[], after: readonly number[]): Node {
  const pads: Attribute = { kind: 'ints', value: [...before, ...after] };
  return { ...node, attributes: new Map([...without(node, 'ceil_mode', 'auto_pad', 'pads'), ['pads', pads]]) };
}
