/** @file Output shapes of operators with sliding windows: convolutions and pools. */

import type { Dim, Node } from '../model/model.ts';
import { intAttribute, intsAttribute } from '../operators/attributes.ts';
import { transposedWindowsOf, windowCount, windowsOf } from '../operators/windows.ts';
import type { ShapeContext, ShapeRule } from './types.ts';

const convolution: ShapeRule = ({ node, input, fail }) => {
  const x = input(0);
  const weight = input(1);
  const kernel = weight.shape.slice(2);
  if (x.shape.length !== weight.shape.length || x.shape.length < 3) {
    return fail(`has an input [${x.shape.join(', ')}] and weights [${weight.shape.join(', ')}], which do not fit`);
  }
  const group = intAttribute(node, 'group', 1);
  const channels = x.shape[1]!;
  const wanted = weight.shape[1]!;
  if (typeof channels === 'number' && typeof wanted === 'number' && channels !== wanted * group) {
    return fail(`has ${channels} channels, but its weights are for ${wanted * group}`);
  }
  const spatial = x.shape.slice(2);
  // Kernels of open size occur in gradient graphs, where a cotangent takes the kernel's place.
  const counts = allNumbers(kernel) ? slide(node, kernel, spatial, fail) : spatial.map(() => '?');
  return [{ type: x.type, shape: [x.shape[0]!, weight.shape[0]!, ...counts] }];
};

const transposedConvolution: ShapeRule = ({ node, input, fail }) => {
  const { type, shape } = input(0);
  const weight = input(1).shape;
  const kernel = weight.slice(2);
  if (shape.length !== weight.length || shape.length < 3 || !allNumbers(kernel)) {
    return fail(`has an input [${shape.join(', ')}] and weights [${weight.join(', ')}], which do not fit`);
  }
  const [channels, wanted] = [shape[1]!, weight[0]!];
  if (typeof channels === 'number' && typeof wanted === 'number' && channels !== wanted) {
    return fail(`has ${channels} channels, but its weights are for ${wanted}`);
  }
  checkLists(node, kernel, fail);
  const windows = transposedWindowsOf(node, kernel, shape.slice(2));
  const said = intsAttribute(node, 'output_shape')?.slice(-kernel.length);
  const spatial = shape.slice(2).map((length, axis): Dim => {
    if (said !== undefined) return said[axis]!;
    if (typeof length !== 'number' || windows === undefined) return '?';
    const reach = (kernel[axis]! - 1) * windows.dilations[axis]! + 1;
    return windows.strides[axis]! * (length - 1) + reach - windows.before[axis]! - windows.after[axis]!;
  });
  const outs = weight[1]!;
  const group = intAttribute(node, 'group', 1);
  return [{ type, shape: [shape[0]!, typeof outs === 'number' ? outs * group : '?', ...spatial] }];
};

const pool: ShapeRule = ({ node, input, fail }) => {
  const x = input(0);
  const kernel = intsAttribute(node, 'kernel_shape');
  if (kernel === undefined || x.shape.length !== kernel.length + 2) {
    return fail(`has windows [${kernel?.join(', ')}] and an input [${x.shape.join(', ')}], which do not fit`);
  }
  const shape = [...x.shape.slice(0, 2), ...slide(node, kernel, x.shape.slice(2), fail)];
  return node.outputs.map((_, index) => ({ type: index === 0 ? x.type : 'int64', shape }));
};

/** @throws OnnxError unless each list of the windows has a number for each axis, and two of padding */
function checkLists(node: Node, kernel: readonly number[], fail: ShapeContext['fail']): void {
  for (const name of ['kernel_shape', 'strides', 'dilations', 'pads', 'output_padding']) {
    const given = intsAttribute(node, name);
    const wanted = name === 'pads' ? 2 * kernel.length : kernel.length;
    if (given !== undefined && given.length !== wanted) {
      fail(`has ${given.length} numbers as the attribute ${name}, where ${wanted} belong`);
    }
  }
  const said = intsAttribute(node, 'kernel_shape') ?? kernel;
  if (said.some((length, axis) => length !== kernel[axis])) {
    fail(`has windows of [${said.join(', ')}], but weights of [${kernel.join(', ')}]`);
  }
}

function slide(node: Node, kernel: readonly number[], spatial: readonly Dim[], fail: ShapeContext['fail']): Dim[] {
  checkLists(node, kernel, fail);
  const windows = windowsOf(node, kernel, spatial);
  return spatial.map((length, axis) => {
    const count = windows === undefined ? '?' : windowCount(length, axis, windows);
    if (typeof count === 'number' && count < 1)
      return fail(`has windows larger than its input [${spatial.join(', ')}]`);
    return count;
  });
}

const globalPool: ShapeRule = ({ input }) => {
  const x = input(0);
  return [{ type: x.type, shape: x.shape.map((dim, axis) => (axis < 2 ? dim : 1)) }];
};

function allNumbers(dims: readonly Dim[]): dims is readonly number[] {
  return dims.every((dim) => typeof dim === 'number');
}

export const SLIDING_SHAPES: Readonly<Record<string, ShapeRule>> = {
  AveragePool: pool,
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  GlobalAveragePool: globalPool,
  GlobalLpPool: globalPool,
  GlobalMaxPool: globalPool,
  LpPool: pool,
  MaxPool: pool,
  MaxUnpool: ({ input, ints, has }) => {
    const { type, shape } = input(0);
    return [{ type, shape: (has(2) ? ints(2) : undefined) ?? shape.map((dim, axis) => (axis < 2 ? dim : '?')) }];
  },
};
