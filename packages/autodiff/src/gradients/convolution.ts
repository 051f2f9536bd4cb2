/** @file Gradients of convolutions. */

import type { GraphBuilder } from '../builder/builder.ts';
import { convInputGradient, convKernelGradient } from '../builder/composites.ts';
import { intAttribute } from '../operators/attributes.ts';
import { TRANSPOSED_CONVOLUTION } from './transposed-convolution.ts';
import type { GradientRule } from './types.ts';
import { areNumbers, windowed } from './windowed.ts';

const conv: GradientRule = (context) => {
  const { b, node, g, wants, unsupported } = context;
  const weight = node.inputs[1]!;
  const [, ins, ...kernel] = b.shape(weight);
  if (!areNumbers(kernel) || typeof ins !== 'number') return unsupported('its kernel has an open size');
  const { image, windows, crop } = windowed(b, node, kernel, 0);
  const group = intAttribute(node, 'group', 1);
  return [
    wants(0) ? crop(convInputGradient(b, g, weight, image, windows, group)) : undefined,
    wants(1) ? convKernelGradient(b, g, image, weight, windows, group) : undefined,
    wants(2) ? b.op('ReduceSum', [g, b.ints(allAxesButChannels(b, node.outputs[0]!))], { keepdims: 0 }) : undefined,
  ];
};

function allAxesButChannels(b: GraphBuilder, value: string): number[] {
  return b.shape(value).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

export const CONVOLUTION: Readonly<Record<string, GradientRule>> = { Conv: conv, ...TRANSPOSED_CONVOLUTION };
