/** @file Gradients of pools. Where several elements share the maximum of a window, the first one (row-major) gets it all. */

import { intAttribute, intsAttribute } from '../graph/model.ts';
import { product } from '../shapes/dims.ts';
import { type Windows, windowsOf } from '../shapes/windows.ts';
import { shapeOf } from './broadcasting.ts';
import { isPositive } from './elementwise.ts';
import { maxPoolByPhases } from './max-pool.ts';
import type { GradientContext, GradientRule } from './types.ts';

function geometry({ b, node, unsupported }: GradientContext): Windows {
  const spatial = b.shape(node.inputs[0]!).slice(2);
  const windows = windowsOf(node, intsAttribute(node, 'kernel_shape') ?? [], spatial);
  return windows ?? unsupported('its auto_pad depends on an image size that is open');
}

/** The cotangent goes to where the maximum was found. */
const maxPool: GradientRule = (context) => {
  const { b, node, g, masked } = context;
  if (!isRectified(context, node.inputs[0]!)) return [scattered(context)];
  // The element that the cotangent goes to equals the maximum: the mask of the ReLU is cheaper on the smaller tensor.
  const result = scattered({ ...context, g: b.op('Mul', [g, isPositive({ b }, node.outputs[0]!)]) });
  masked.add(result);
  return [result];
};

/** Whether ReLUs made a value, or the parts of it, and nobody asked for the gradient in between. */
function isRectified(context: GradientContext, value: string): boolean {
  const maker = context.b.nodes.find(({ outputs }) => outputs[0] === value);
  if (maker === undefined || context.asked.has(value)) return false;
  return (
    maker.opType === 'Relu' || (maker.opType === 'Concat' && maker.inputs.every((part) => isRectified(context, part)))
  );
}

function scattered(context: GradientContext): string {
  const { b, node, g } = context;
  const x = node.inputs[0]!;
  const windows = geometry(context);
  const fast = maxPoolByPhases(context, windows);
  if (fast !== undefined) return fast;
  const { kernel, strides, dilations, before, after, ceil } = windows;
  const attributes = { kernel_shape: kernel, strides, dilations, pads: [...before, ...after], ceil_mode: Number(ceil) };
  // A second pool beside the first: with Indices it is slow, and predictions shall not pay for gradients.
  const indices = b.ops('MaxPool', [x], 2, attributes)[1]!;
  const apart = kernel.every((size, axis) => (size - 1) * dilations[axis]! < strides[axis]!);
  const [counts, lengths] = [b.shape(node.outputs[0]!).slice(2), b.shape(x).slice(2)];
  // MaxUnpool fills just what the windows cover, and has no sums: for windows that tile the image.
  const tiles = kernel.every(
    (size, axis) => before[axis] === 0 && after[axis] === 0 && Number(counts[axis]) * size === lengths[axis],
  );
  if (apart && tiles && kernel.length === 2) {
    return b.op('MaxUnpool', [g, indices], { kernel_shape: kernel, strides });
  }
  const flat = (value: string): string => b.op('Reshape', [value, b.ints([-1])]);
  // Windows that overlap may meet in one element.
  const zeros = b.op('Mul', [flat(x), b.scalar(0)]);
  const sums = b.op('ScatterElements', [zeros, flat(indices), flat(g)], { axis: 0, reduction: 'add' });
  return b.op('Reshape', [sums, shapeOf(b, x)]);
}

/** Each element of a window gets its share: a transposed convolution of each channel with a constant kernel. */
const averagePool: GradientRule = (context) => {
  const { b, node, g, unsupported } = context;
  const x = node.inputs[0]!;
  const { kernel, strides, dilations, before, after } = geometry(context);
  const [, channels, ...spatial] = b.shape(x);
  const produced = b.shape(node.outputs[0]!).slice(2);
  if (typeof channels !== 'number') return unsupported('its number of channels is open');
  const includePad = intAttribute(node, 'count_include_pad', 0) !== 0;
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const lengths = spatial.map((length) =>
    typeof length === 'number' ? length : unsupported('its image size is open'),
  );
  const counts = produced.map((count) => (typeof count === 'number' ? count : unsupported('its image size is open')));
  const share = b.constant(windowShares(lengths, counts, { kernel, strides, dilations, before, after }, includePad));
  const ones = b.constant({
    type: 'float32',
    dims: [channels, 1, ...kernel],
    data: new Float32Array(channels * kernel.reduce((a, k) => a * k, 1)).fill(1),
  });
  const extra = lengths.map(
    (length, axis) => length + before[axis]! + after[axis]! - (strides[axis]! * (counts[axis]! - 1) + reach[axis]!),
  );
  if (extra.some((more) => more < 0)) return spreadBeyond(context, share, ones, extra);
  return [
    b.op('ConvTranspose', [b.op('Mul', [g, share]), ones], {
      kernel_shape: kernel,
      strides,
      dilations,
      group: channels,
      pads: [...before, ...after],
      output_padding: extra,
    }),
  ];
};

/** With ceil_mode the last windows reach beyond the padding: that part is cut off. */
function spreadBeyond(
  context: GradientContext,
  share: string,
  ones: string,
  extra: readonly number[],
): readonly string[] {
  const { b, node, g } = context;
  const { kernel, strides, dilations, before, after } = geometry(context);
  const behind = after.map((pad, axis) => pad - Math.min(0, extra[axis]!));
  const output = b.op('ConvTranspose', [b.op('Mul', [g, share]), ones], {
    kernel_shape: kernel,
    strides,
    dilations,
    group: Number(b.shape(node.inputs[0]!)[1]),
    pads: [...before, ...behind],
    output_padding: extra.map((more) => Math.max(0, more)),
  });
  return [output];
}

/** One over the number of elements that each window averages, `1 x 1 x spatial`. */
function windowShares(
  lengths: readonly number[],
  counts: readonly number[],
  { kernel, strides, dilations, before, after }: Pick<Windows, 'kernel' | 'strides' | 'dilations' | 'before' | 'after'>,
  includePad: boolean,
): { type: 'float32'; dims: number[]; data: Float32Array } {
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

const globalAveragePool: GradientRule = ({ b, node, g, unsupported }) => {
  const x = node.inputs[0]!;
  const { known, open } = product(b.shape(x).slice(2));
  if (open.length > 0) return unsupported('its image size is open');
  // Batch and channels come from the cotangent: a constant target lets ONNX Runtime know the shape beforehand.
  const target = b.shape(x).map((length, axis) => (axis < 2 ? 1 : Number(length)));
  return [b.op('Expand', [b.op('Mul', [g, b.scalar(1 / known)]), b.ints(target)])];
};

export const POOLING: Readonly<Record<string, GradientRule>> = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  MaxPool: maxPool,
};
