/**
 * @file Gradients of composite operators, which gradients of others consist of: what makes a gradient of a gradient, such as
 * that of a penalty on a gradient.
 */

import { convInputGradient, convKernelGradient, reluGradient } from '../builder/composites.ts';
import { intAttribute, intsAttribute } from '../operators/attributes.ts';
import { type Windows, windowsOf } from '../operators/windows.ts';
import type { GradientContext, GradientRule } from './types.ts';

/** The windows of the convolution that the gradient belongs to; a composite operator says them all. */
function windowsIn({ node, unsupported }: GradientContext): { readonly windows: Windows; readonly group: number } {
  const windows = windowsOf(node, intsAttribute(node, 'kernel_shape') ?? [], [])!;
  if (windows.after.some((pad) => pad < 0)) return unsupported('no window reaches some elements');
  return { windows, group: intAttribute(node, 'group', 1) };
}

/** The convolution that both gradients belong to. */
function convolve({ b }: GradientContext, image: string, weight: string, windows: Windows, group: number): string {
  const { kernel, strides, dilations, before, after } = windows;
  const pads = [...before, ...after];
  return b.op('Conv', [image, weight], { kernel_shape: kernel, strides, dilations, pads, group });
}

/** Bilinear in the cotangent g and the kernel w; of x only the shape matters. */
const convInput: GradientRule = (context) => {
  const { b, node, g: second, wants } = context;
  const [g = '', w = ''] = node.inputs;
  const { windows, group } = windowsIn(context);
  return [
    wants(0) ? convolve(context, second, w, windows, group) : undefined,
    wants(1) ? convKernelGradient(b, g, second, w, windows, group) : undefined,
  ];
};

/** Bilinear in the cotangent g and the image x; of w only the shape matters. */
const convKernel: GradientRule = (context) => {
  const { b, node, g: second, wants } = context;
  const [g = '', x = ''] = node.inputs;
  const { windows, group } = windowsIn(context);
  return [
    wants(0) ? convolve(context, x, second, windows, group) : undefined,
    wants(1) ? convInputGradient(b, g, second, x, windows, group) : undefined,
  ];
};

export const COMPOSITE_GRADIENTS: Readonly<Record<string, GradientRule>> = {
  'pareidolia.ConvInputGradient': convInput,
  'pareidolia.ConvKernelGradient': convKernel,
  'pareidolia.ReluGradient': ({ b, node, g }) => [reluGradient(b, g, node.inputs[1]!)],
};
