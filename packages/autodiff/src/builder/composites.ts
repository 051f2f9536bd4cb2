/**
 * @file Adds composite operators: what gradient rules leave to the lowering for a target, which knows their best form.
 */

import type { Windows } from '../operators/windows.ts';
import type { GraphBuilder } from './builder.ts';

/** 1 where x > 0, else 0. */
export function unitStep(b: GraphBuilder, x: string): string {
  return b.op('pareidolia.UnitStep', [x]);
}

/**
 * 1 where low <= x <= high, else 0.
 *
 * @param low name of a scalar, or empty for none
 * @param high name of a scalar, or empty for none
 */
export function isBetween(b: GraphBuilder, x: string, low: string, high: string): string {
  return b.op('pareidolia.IsBetween', [x, low, high]);
}

/** g where y > 0, else 0: the gradient of a Relu with the output y. */
export function reluGradient(b: GraphBuilder, g: string, y: string): string {
  return b.op('pareidolia.ReluGradient', [g, y]);
}

/**
 * The gradient of max pooling: the cotangent of each window goes to its first maximum in row-major order.
 *
 * @param g cotangent of the output
 * @param x pooled value
 * @param y output of the pool
 */
export function maxPoolGradient(b: GraphBuilder, g: string, x: string, y: string, windows: Windows): string {
  const { kernel, strides, dilations, before, after, ceil } = windows;
  return b.op('pareidolia.MaxPoolGradient', [g, x, y], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...before, ...after],
    ceil_mode: ceil ? 1 : 0,
  });
}

/**
 * The gradient of a convolution by its input: for each element, the sum over the windows that contain it.
 *
 * @param g cotangent of the output, `N x (group O) x windows`
 * @param w kernel, `(group O) x I x kernel`
 * @param x input of the convolution, `N x (group I) x spatial`, of which only the shape matters
 */
export function convInputGradient(
  b: GraphBuilder,
  g: string,
  w: string,
  x: string,
  windows: Windows,
  group: number,
): string {
  return b.op('pareidolia.ConvInputGradient', [g, w, x], { ...attributesOf(windows), group });
}

/**
 * The gradient of a convolution by its kernel.
 *
 * @param g cotangent of the output, `N x (group O) x windows`
 * @param x input of the convolution, `N x (group I) x spatial`
 * @param w kernel, `(group O) x I x kernel`, of which only the shape matters
 * @param windows a negative width at the end stands for elements that no window reaches
 */
export function convKernelGradient(
  b: GraphBuilder,
  g: string,
  x: string,
  w: string,
  windows: Windows,
  group: number,
): string {
  return b.op('pareidolia.ConvKernelGradient', [g, x, w], { ...attributesOf(windows), group });
}

function attributesOf({ kernel, strides, dilations, before, after }: Windows): Record<string, readonly number[]> {
  return { kernel_shape: kernel, strides, dilations, pads: [...before, ...after] };
}
