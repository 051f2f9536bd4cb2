/** @file Which convolutions of a graph {@link Blocked} writes, by operator. Each returns `undefined` where it does not fit. */

import type { GraphBuilder } from '../../builder/builder.ts';
import { areNumbers } from '../../gradients/windowed.ts';
import type { Node } from '../../model/model.ts';
import { intAttribute } from '../../operators/attributes.ts';
import { transposedWindowsOf, windowsOf } from '../../operators/windows.ts';
import type { LoweringContext } from '../expand.ts';
import { windowsIn } from '../windows.ts';
import type { Blocked } from './blocked.ts';

/** `Conv`. */
export function blockedConvolution(blocked: Blocked, { b, node }: LoweringContext): string | undefined {
  const [x = '', w = '', bias = ''] = node.inputs;
  if (!isPlainPlane(b, node, w)) return undefined;
  const windows = windowsOf(node, b.shape(w).slice(2).map(Number), b.shape(x).slice(2));
  return windows && blocked.convolve(x, w, bias, windows);
}

/** `ConvTranspose`. */
export function blockedTransposed(blocked: Blocked, { b, node }: LoweringContext): string | undefined {
  const [x = '', w = '', bias = ''] = node.inputs;
  if (!isPlainPlane(b, node, w)) return undefined;
  const spatial = b.shape(x).slice(2);
  const windows = transposedWindowsOf(node, b.shape(w).slice(2).map(Number), spatial);
  if (windows === undefined || !areNumbers(spatial)) return undefined;
  const { kernel, strides, dilations, before, after } = windows;
  const lengths = spatial.map((count, axis) => {
    const reach = (kernel[axis]! - 1) * dilations[axis]! + 1;
    return strides[axis]! * (Number(count) - 1) + reach - before[axis]! - after[axis]!;
  });
  return blocked.convolveBack(x, w, bias, windows, lengths);
}

/** `pareidolia.ConvInputGradient`. */
export function blockedInputGradient(blocked: Blocked, { b, node }: LoweringContext): string | undefined {
  const [g = '', w = '', x = ''] = node.inputs;
  if (!isPlainPlane(b, node, w)) return undefined;
  return blocked.convolveBack(g, w, '', windowsIn(node), b.shape(x).slice(2));
}

/** `pareidolia.ConvKernelGradient`. */
export function blockedKernelGradient(blocked: Blocked, { b, node }: LoweringContext): string | undefined {
  const [g = '', x = '', w = ''] = node.inputs;
  return isPlainPlane(b, node, w) ? blocked.kernelGradient(x, g, windowsIn(node)) : undefined;
}

/** Whether a convolution goes over planes, in one group, with a kernel of known shape, in single precision. */
function isPlainPlane(b: GraphBuilder, node: Node, w: string): boolean {
  if (intAttribute(node, 'group', 1) !== 1 || node.inputs.some((input) => input !== '' && !b.isDescribed(input)))
    return false;
  const { type, shape } = b.typeOf(w);
  return type === 'float32' && shape.length === 4 && areNumbers(shape);
}
