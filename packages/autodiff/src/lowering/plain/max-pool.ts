/** @file The gradient of max pooling for any windows. */

import type { GraphBuilder } from '../../builder/builder.ts';
import { convolveAs, convolveBack, images, LOWEST, planes } from '../../gradients/windowed.ts';
import type { TensorValue } from '../../model/tensor.ts';
import type { Windows } from '../../operators/windows.ts';
import { finite } from '../infinities.ts';

/**
 * A convolution with one one-hot kernel per element of the window gives the elements of each window as channels. The
 * first one that equals the maximum gets the cotangent, and the transposed convolution moves it back. Works for any
 * number of axes, strides, dilations and open sizes. MaxPool's own `Indices` are not supported on WebGPU.
 */
export function maxPoolByTaps(b: GraphBuilder, g: string, image: string, windows: Windows): string {
  const { kernel } = windows;
  const places = kernel.reduce((count, size) => count * size, 1);
  const one = new Float32Array(places * places);
  for (let place = 0; place < places; place++) one[place * places + place] = 1;
  const taps = b.constant({ type: 'float32', dims: [places, 1, ...kernel], data: one });
  const cotangent = planes(b, g);
  const plane = planes(b, finite(b, image));
  const elements = convolveAs(b, plane, taps, windows, LOWEST, cotangent);
  // Compared as floats: WebGPU does not compare 64-bit integers.
  const first = b.op('Cast', [b.op('ArgMax', [elements], { axis: 1, keepdims: 1 })], { to: 1 });
  const counting: TensorValue = {
    type: 'float32',
    dims: [places, ...kernel.map(() => 1)],
    data: Float32Array.from({ length: places }, (_, place) => place),
  };
  const mask = b.op('Cast', [b.op('Equal', [first, b.constant(counting)])], { to: 1 });
  const found = b.op('Mul', [cotangent, mask]);
  return images(b, convolveBack(b, found, taps, windows, 1, plane), image);
}
