/** @file Gradients of convolutions. */

import type { GraphBuilder } from '../builder/builder.ts';
import { intAttribute } from '../operators/attributes.ts';
import { inputGradient } from './input-gradient.ts';
import { kernelGradient } from './kernel-gradient.ts';
import { TRANSPOSED_CONVOLUTION } from './transposed-convolution.ts';
import type { GradientRule } from './types.ts';
import { areNumbers, windowed } from './windowed.ts';

const conv: GradientRule = (context) => {
  const { b, node, g, wants, unsupported } = context;
  const [, ins, ...kernel] = b.shape(node.inputs[1]!);
  if (!areNumbers(kernel) || typeof ins !== 'number') return unsupported('its kernel has an open size');
  const { image, windows, crop } = windowed(b, node, kernel, 0);
  return [
    wants(0) ? crop(inputGradient(context, windows, image)) : undefined,
    wants(1) ? kernelGradient(b, image, g, windows, intAttribute(node, 'group', 1), ins) : undefined,
    wants(2) ? b.op('ReduceSum', [g, b.ints(allAxesButChannels(b, node.outputs[0]!))], { keepdims: 0 }) : undefined,
  ];
};

function allAxesButChannels(b: GraphBuilder, value: string): number[] {
  return b.shape(value).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

export const CONVOLUTION: Readonly<Record<string, GradientRule>> = { Conv: conv, ...TRANSPOSED_CONVOLUTION };
