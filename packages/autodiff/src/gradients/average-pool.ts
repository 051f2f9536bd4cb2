/** @file Gradients of average pooling, and of Lp pooling. */

import type { GraphBuilder } from '../builder/builder.ts';
import { padAxes } from '../builder/pads.ts';
import type { Dim } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';
import { intAttribute, intsAttribute } from '../operators/attributes.ts';
import type { Windows } from '../operators/windows.ts';
import { normDerivative, weightOfNorm } from './norms.ts';
import type { GradientContext, GradientRule } from './types.ts';
import { areNumbers, convolveAs, convolveBack, images, planes, windowed } from './windowed.ts';

/** Each element of a window gets an equal share of its cotangent. */
export const averagePool: GradientRule = (context) => {
  const { b, node, g } = context;
  const kernel = intsAttribute(node, 'kernel_shape') ?? [];
  const { image, windows, crop } = windowed(b, node, kernel, 0);
  return [crop(sumsBack(b, b.op('Mul', [g, shareOf(context, image, windows)]), windows, image))];
};

/** y = (sum |x|^p)^(1/p) over each window. */
export const lpPool: GradientRule = ({ b, node, g }) => {
  const kernel = intsAttribute(node, 'kernel_shape') ?? [];
  const p = intAttribute(node, 'p', 2);
  const { image, windows, crop } = windowed(b, node, kernel, 0);
  const weighted = weightOfNorm(b, g, node.outputs[0]!, p);
  return [b.op('Mul', [crop(sumsBack(b, weighted, windows, image)), normDerivative(b, node.inputs[0]!, p)])];
};

/** Attributes of a Resize that repeats every element. */
const NEAREST = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };

/** For each element, the sum over the windows that contain it. */
function sumsBack(b: GraphBuilder, value: string, windows: Windows, image: string): string {
  const { kernel, strides, dilations, before, after } = windows;
  const [lengths, counts] = [b.shape(image).slice(2), b.shape(value).slice(2)];
  const tiles = kernel.every((length, axis) => {
    const meets = before[axis] === 0 && dilations[axis] === 1 && strides[axis] === length;
    return meets && Number(counts[axis]) * length === lengths[axis];
  });
  if (tiles) {
    // The windows tile the image: their values are repeated.
    if (counts.every((count) => count === 1)) return b.op('Expand', [value, b.ints([1, 1, ...kernel])]);
    return b.op('Resize', [value, '', b.constant(floats([1, 1, ...kernel]))], NEAREST);
  }
  const size = kernel.reduce((product, length) => product * length, 1);
  const simple = [...strides, ...dilations].every((step) => step === 1);
  const within = [...before, ...after].every((pad, index) => pad < kernel[index % kernel.length]!);
  if (simple && within) {
    // The windows that contain an element form a window themselves, and an average pool is the fastest way to sum over
    // it.
    const pads = [...before, ...after].map((pad, index) => kernel[index % kernel.length]! - 1 - pad);
    const means = b.op('AveragePool', [value], { kernel_shape: kernel, pads, count_include_pad: 1 });
    return b.op('Mul', [means, b.scalar(size)]);
  }
  const ones = b.constant(onesOf([1, 1, ...kernel]));
  return images(b, convolveBack(b, planes(b, value), ones, windows, 1, planes(b, image)), image);
}

function floats(values: readonly number[]): TensorValue {
  return { type: 'float32', dims: [values.length], data: Float32Array.from(values) };
}

function onesOf(dims: readonly number[]): TensorValue {
  return { type: 'float32', dims, data: new Float32Array(dims.reduce((a, length) => a * length, 1)).fill(1) };
}

/** One over the number of elements that each window averages, in a shape that broadcasts against the output. */
function shareOf({ b, node, g }: GradientContext, image: string, windows: Windows): string {
  const includePad = intAttribute(node, 'count_include_pad', 0) !== 0;
  const lengths: readonly Dim[] = b.shape(node.inputs[0]!).slice(2);
  const counts: readonly Dim[] = b.shape(node.outputs[0]!).slice(2);
  if (areNumbers(lengths) && areNumbers(counts)) return b.constant(windowShares(lengths, counts, windows, includePad));
  if (includePad && !windows.ceil) return b.scalar(1 / windows.kernel.reduce((a, size) => a * size, 1));

  // Sizes are open: count in the graph, by a convolution over an image of ones, `1 x 1 x spatial`.
  const axes = windows.kernel.map((_, axis) => axis + 2);
  const shape = b.op('Gather', [b.op('Shape', [node.inputs[0]!]), b.ints(axes)]);
  const inside = b.op('Expand', [b.scalar(1), b.op('Concat', [b.ints([1, 1]), shape], { axis: 0 })]);
  const ones = b.constant(onesOf([1, 1, ...windows.kernel]));
  const one = b.scalar(1);
  if (includePad) {
    const widened = padAxes(b, inside, [...windows.before, ...windows.after], axes, one);
    const zeros = axes.map(() => 0);
    return b.op('Div', [one, convolveAs(b, widened, ones, { ...windows, before: zeros, after: zeros }, 0, g)]);
  }
  if (image === node.inputs[0]) return b.op('Div', [one, convolveAs(b, inside, ones, windows, 0, g)]);
  // The image is padded in the graph: pad the image of ones with zeros, which do not count.
  const { image: padded } = windowed(b, { ...node, inputs: [inside] }, windows.kernel, 0);
  return b.op('Div', [one, convolveAs(b, padded, ones, windows, 0, g)]);
}

/** The same as a constant, for known sizes: `1 x 1 x windows`. */
function windowShares(
  lengths: readonly number[],
  counts: readonly number[],
  { kernel, strides, dilations, before, after }: Windows,
  includePad: boolean,
): TensorValue {
  const perAxis = lengths.map((length, axis) =>
    Array.from({ length: counts[axis]! }, (_, window) => {
      let inside = 0;
      for (let k = 0; k < kernel[axis]!; k++) {
        const at = window * strides[axis]! + k * dilations[axis]! - before[axis]!;
        const counted = includePad ? at < length + after[axis]! : at >= 0 && at < length;
        if (counted) inside++;
      }
      return inside;
    }),
  );
  let shares = [1];
  for (const sizes of perAxis) shares = shares.flatMap((share) => sizes.map((size) => share / size));
  return { type: 'float32', dims: [1, 1, ...counts], data: Float32Array.from(shares) };
}
