/** @file Gradients of the transposed convolution: with respect to the input, the convolution with the same kernel. */

import { convKernelGradient } from '../builder/composites.ts';
import { intAttribute } from '../operators/attributes.ts';
import { transposedWindowsOf } from '../operators/windows.ts';
import type { GradientRule } from './types.ts';
import { areNumbers } from './windowed.ts';

const convTranspose: GradientRule = (context) => {
  const { b, node, g, wants, unsupported } = context;
  const [x, weights] = [node.inputs[0]!, node.inputs[1]!];
  const [, outs, ...kernel] = b.shape(weights);
  if (!areNumbers(kernel) || typeof outs !== 'number') return unsupported('its kernel has an open size');
  const windows =
    transposedWindowsOf(node, kernel, b.shape(x).slice(2)) ??
    unsupported('its output_shape is fixed while its image size is open');
  const group = intAttribute(node, 'group', 1);
  const { strides, dilations, before, after } = windows;

  /** Crops rows after the last window, which could otherwise hold another window. */
  const input = (): string => {
    const axes = kernel.flatMap((_, axis) => (-after[axis]! >= strides[axis]! ? [axis] : []));
    const at = axes.map((axis) => axis + 2);
    const seen =
      axes.length === 0
        ? g
        : b.op('Slice', [g, b.ints(axes.map(() => 0)), b.ints(axes.map((axis) => after[axis]!)), b.ints(at)]);
    const pads = [...before, ...after.map((pad) => Math.max(0, pad))];
    return b.op('Conv', [seen, weights], { kernel_shape: kernel, strides, dilations, pads, group });
  };
  const notChannels = b.shape(g).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return [
    wants(0) ? input() : undefined,
    wants(1) ? convKernelGradient(b, x, g, weights, windows, group) : undefined,
    wants(2) ? b.op('ReduceSum', [g, b.ints(notChannels)], { keepdims: 0 }) : undefined,
  ];
};

export const TRANSPOSED_CONVOLUTION: Readonly<Record<string, GradientRule>> = { ConvTranspose: convTranspose };
