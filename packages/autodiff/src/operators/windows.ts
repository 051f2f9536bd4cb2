/** @file The geometry of sliding windows in convolutions and pools: kernel size, strides, dilations, padding. */

import type { Dim, Node } from '../model/model.ts';
import { intAttribute, intsAttribute, stringAttribute } from './attributes.ts';

/** Sliding windows over the spatial axes; each list has one entry per axis. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before and after each axis. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly ceil: boolean;
}

/**
 * The windows of a convolution or a pool, from its attributes.
 *
 * @param spatial lengths of the spatial axes of the input, needed where `auto_pad` depends on them
 * @returns `undefined` where `auto_pad` depends on an open axis
 */
export function windowsOf(node: Node, kernel: readonly number[], spatial: readonly Dim[]): Windows | undefined {
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const ceil = intAttribute(node, 'ceil_mode', 0) !== 0;
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  let before = kernel.map(() => 0);
  let after = before;
  if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
    if (spatial.some((dim) => typeof dim !== 'number') && strides.some((stride) => stride !== 1)) return undefined;
    const totals = kernel.map((size, axis) => {
      const reach = (size - 1) * dilations[axis]! + 1;
      const length = spatial[axis];
      if (typeof length !== 'number') return reach - 1;
      const out = Math.ceil(length / strides[axis]!);
      return Math.max(0, (out - 1) * strides[axis]! + reach - length);
    });
    const small = totals.map((total) => Math.floor(total / 2));
    const large = totals.map((total, axis) => total - small[axis]!);
    [before, after] = autoPad === 'SAME_UPPER' ? [small, large] : [large, small];
  } else if (autoPad === 'NOTSET') {
    const pads = intsAttribute(node, 'pads');
    if (pads !== undefined) {
      before = pads.slice(0, kernel.length);
      after = pads.slice(kernel.length);
    }
  }
  return { kernel, strides, dilations, before, after, ceil };
}

/** The number of windows along an axis: its length in the output. */
export function windowCount(length: Dim, axis: number, windows: Windows): Dim {
  if (typeof length !== 'number') return '?';
  const reach = (windows.kernel[axis]! - 1) * windows.dilations[axis]! + 1;
  const stride = windows.strides[axis]!;
  const before = windows.before[axis]!;
  const room = length + before + windows.after[axis]! - reach;
  const count = (windows.ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  // With ceil_mode, a window that would start in the padding at the end is dropped.
  return windows.ceil && (count - 1) * stride >= length + before ? count - 1 : count;
}

/**
 * Whether `ceil_mode` drops a window because it would start in the padding at the end. ONNX Runtime's kernels drop it,
 * but its shape inference counts it.
 */
export function dropsWindow(lengths: readonly Dim[], windows: Windows): boolean {
  const { kernel, strides, dilations, before, after, ceil } = windows;
  return lengths.some((length, axis) => {
    if (!ceil || typeof length !== 'number') return false;
    const room = length + before[axis]! + after[axis]! - (kernel[axis]! - 1) * dilations[axis]! - 1;
    return windowCount(length, axis, windows) !== Math.ceil(room / strides[axis]!) + 1;
  });
}

/**
 * The windows of a transposed convolution, as those of the convolution that goes back from its output to its input: the
 * output has the length `stride * (length - 1) + reach - before - after`, and `output_padding` counts as negative
 * padding at the end. Padding that follows from `output_shape` is split as in ONNX Runtime: an odd element goes to the
 * front, unless `auto_pad` is SAME_UPPER.
 *
 * @param spatial lengths of the spatial axes of the input, needed where an `output_shape` is given
 * @returns `undefined` where the padding depends on an open axis
 */
export function transposedWindowsOf(
  node: Node,
  kernel: readonly number[],
  spatial: readonly Dim[],
): Windows | undefined {
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const extra = intsAttribute(node, 'output_padding') ?? kernel.map(() => 0);
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  const wanted = intsAttribute(node, 'output_shape')?.slice(-kernel.length);
  const same = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER';
  const pads = (autoPad === 'NOTSET' ? intsAttribute(node, 'pads') : undefined) ?? [...ones, ...ones].map(() => 0);
  let [before, after] = [pads.slice(0, kernel.length), pads.slice(kernel.length)];
  if (wanted !== undefined || same) {
    if (wanted !== undefined && spatial.some((dim) => typeof dim !== 'number')) return undefined;
    // By how much the output without padding is longer than requested; never negative.
    const totals = kernel.map((size, axis) => {
      const reach = (size - 1) * dilations[axis]! + 1 + extra[axis]!;
      const surplus =
        wanted === undefined
          ? reach - strides[axis]!
          : (Number(spatial[axis]) - 1) * strides[axis]! + reach - wanted[axis]!;
      return Math.max(0, surplus);
    });
    before = totals.map((total) => (autoPad === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2)));
    after = totals.map((total, axis) => total - before[axis]!);
  }
  return { kernel, strides, dilations, before, after: after.map((pad, axis) => pad - extra[axis]!), ceil: false };
}
