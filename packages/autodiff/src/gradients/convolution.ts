/** @file Gradients of convolutions. */

import type { GraphBuilder } from '../graph/builder.ts';
import { type Dim, intAttribute } from '../graph/model.ts';
import type { TensorValue } from '../graph/tensor.ts';
import { type Windows, windowsOf } from '../shapes/windows.ts';
import { phaseKernel } from './kernels.ts';
import type { GradientContext, GradientRule } from './types.ts';
import { phasesOf, weave } from './weave.ts';

const conv: GradientRule = (context) => {
  const { b, node, g, wants } = context;
  const windows = geometry(context);
  return [
    wants(0) ? inputGradient(context, windows) : undefined,
    wants(1) ? weightGradient(context, windows) : undefined,
    wants(2) ? b.op('ReduceSum', [g, b.ints(allAxesButChannels(b, node.outputs[0]!))], { keepdims: 0 }) : undefined,
  ];
};

function geometry({ b, node, unsupported }: GradientContext): Windows {
  const x = b.shape(node.inputs[0]!);
  const kernel = b.shape(node.inputs[1]!).slice(2);
  if (!kernel.every((size) => typeof size === 'number')) return unsupported('its kernel has an open size');
  const windows = windowsOf(node, kernel, x.slice(2));
  return windows ?? unsupported('its auto_pad depends on an image size that is open');
}

/** ONNX Runtime's blocked layout, in which its convolutions are fast, takes channels in fours. */
const CHANNELS_AT_ONCE = 4;

/** Channels that it computes at once. */
const BLOCK = 8;

/**
 * The gradient with respect to the input. With constant weights it is a convolution again, which stays in ONNX Runtime's
 * blocked layout (ConvTranspose does not): for stride 1 with the flipped kernel; for larger strides one for each phase
 * of the input, woven together afterwards.
 */
function inputGradient(context: GradientContext, windows: Windows): string {
  const { b, node, g } = context;
  const weight = b.valueOf(node.inputs[1]!);
  const lengths = b.shape(node.inputs[0]!).slice(2);
  const counts = b.shape(node.outputs[0]!).slice(2);
  const plain = windows.strides.every((stride) => stride === 1);
  if (weight?.type === 'float32' && weight.dims.length === 4) {
    if (allNumbers(lengths) && allNumbers(counts)) return byPhases(context, windows, weight, lengths, counts, true);
    // Only the difference counts at stride 1, and it is known where the sizes are open.
    const shrink = windows.kernel.map(
      (size, axis) => (size - 1) * windows.dilations[axis]! - windows.before[axis]! - windows.after[axis]!,
    );
    const far = shrink.map((less, axis) => Math.max(less, 0) + windows.kernel[axis]! * windows.dilations[axis]!);
    if (plain)
      return byPhases(
        context,
        windows,
        weight,
        far,
        far.map((length, axis) => length - shrink[axis]!),
        false,
      );
  }
  return transposedConvolution(context, windows, g);
}

function byPhases(
  context: GradientContext,
  windows: Windows,
  weight: TensorValue,
  lengths: readonly number[],
  counts: readonly number[],
  sizesKnown: boolean,
): string {
  const { b, node, g } = context;
  const group = intAttribute(node, 'group', 1);
  const { strides } = windows;
  // A convolution fills a block of channels, however few it gives: with few, neighbouring pixels pass as channels.
  const few = group === 1 && sizesKnown && weight.dims[1]! * strides[0]! * strides[1]! * 4 <= BLOCK;
  const jumps = few ? [2, BLOCK / 2 / (weight.dims[1]! * strides[0]! * strides[1]!)] : [1, 1];
  const [down = 1, across = 1] = strides.map((stride, axis) => stride * jumps[axis]!);
  const phases = phasesOf(down, across);
  const each = [Math.ceil(lengths[0]! / down), Math.ceil(lengths[1]! / across)];
  const { source, scale } = unscaled(b, g);
  const outs = weight.dims[0]!;
  const padded = group === 1 && outs > 8 ? Math.ceil(outs / CHANNELS_AT_ONCE) * CHANNELS_AT_ONCE : outs;
  const cotangent = padded === outs ? source : b.op('Pad', [source, b.ints([0, 0, 0, 0, 0, padded - outs, 0, 0])]);
  const convolve = (some: readonly (readonly [number, number])[]): string => {
    const { kernel, pads } = phaseKernel(weight, group, windows, some, counts, each, scale, padded, jumps);
    return b.op('Conv', [cotangent, b.constant(kernel)], {
      kernel_shape: kernel.dims.slice(2),
      strides: jumps,
      pads,
      group,
    });
  };
  if (phases.length === 1) return convolve(phases);
  // Groups cannot give all phases at once: they would come out group by group.
  const apart =
    group === 1
      ? convolve(phases)
      : b.op(
          'Concat',
          phases.map((phase) => convolve([phase])),
          { axis: 1 },
        );
  return weave(b, apart, [down, across], weight.dims[1]! * group, each, lengths);
}

/** A cotangent that is a product with a constant for each channel, taken apart: the kernel can take the factor over. */
function unscaled(
  b: GraphBuilder,
  g: string,
): { readonly source: string; readonly scale: ArrayLike<number | bigint> | undefined } {
  const maker = b.nodes.findLast((node) => node.outputs[0] === g);
  const factor = maker?.opType === 'Mul' ? b.valueOf(maker.inputs[1]!) : undefined;
  const perChannel = factor?.dims.length === 4 && factor.dims[1] === factor.data.length;
  if (maker === undefined || factor === undefined || !perChannel) return { source: g, scale: undefined };
  return { source: maker.inputs[0]!, scale: factor.data };
}

function transposedConvolution({ b, node, unsupported }: GradientContext, windows: Windows, g: string): string {
  const { kernel, strides, dilations, before, after } = windows;
  const spatial = b.shape(node.inputs[0]!).slice(2);
  const produced = b.shape(node.outputs[0]!).slice(2);
  const extra = kernel.map((size, axis) => {
    const [length, count] = [spatial[axis], produced[axis]];
    if (typeof length !== 'number' || typeof count !== 'number') {
      return strides[axis] === 1 ? 0 : unsupported('its image size is open');
    }
    const reach = (size - 1) * dilations[axis]! + 1;
    return length - (strides[axis]! * (count - 1) + reach - before[axis]! - after[axis]!);
  });
  return b.op('ConvTranspose', [g, node.inputs[1]!], {
    kernel_shape: kernel,
    strides,
    dilations,
    group: intAttribute(node, 'group', 1),
    pads: [...before, ...after],
    output_padding: extra,
  });
}

function allNumbers(dims: readonly Dim[]): dims is readonly number[] {
  return dims.every((dim) => typeof dim === 'number');
}

/**
 * A convolution over the batch: images and cotangents with batch and channels exchanged, strides and dilations
 * exchanged too.
 */
function weightGradient({ b, node, g, unsupported }: GradientContext, windows: Windows): string {
  const { kernel, strides, dilations, before, after } = windows;
  if (intAttribute(node, 'group', 1) !== 1) return unsupported('weights of grouped convolutions have no gradient here');
  const rank = kernel.length;
  const spatial = kernel.map((_, axis) => axis + 2);
  const exchanged = [1, 0, ...spatial];
  const image = b.op('Transpose', [node.inputs[0]!], { perm: exchanged });
  const cotangent = b.op('Transpose', [g], { perm: exchanged });
  const full = b.op('Conv', [image, cotangent], {
    strides: dilations,
    dilations: strides,
    pads: [...before, ...after],
  });
  const weight = b.op('Transpose', [full], { perm: exchanged });
  if (strides.every((stride) => stride === 1)) return weight;
  // Rows that no window reached leave a remainder behind the kernel.
  const zeros = b.ints(kernel.map(() => 0));
  return b.op('Slice', [weight, zeros, b.ints(kernel), b.ints(Array.from({ length: rank }, (_, axis) => axis + 2))]);
}

function allAxesButChannels(b: GraphBuilder, value: string): number[] {
  return b.shape(value).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

export const CONVOLUTION: Readonly<Record<string, GradientRule>> = { Conv: conv };
