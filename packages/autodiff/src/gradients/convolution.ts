/** @file Gradients of convolutions. */

import type { GraphBuilder } from '../graph/builder.ts';
import { intAttribute } from '../graph/model.ts';
import type { TensorValue } from '../graph/tensor.ts';
import type { Windows } from '../shapes/windows.ts';
import { kernelGradient } from './kernel-gradient.ts';
import { phaseKernel } from './kernels.ts';
import { TRANSPOSED_CONVOLUTION } from './transposed-convolution.ts';
import type { GradientContext, GradientRule } from './types.ts';
import { phasesOf, weave } from './weave.ts';
import { areNumbers, convolveBack, windowed } from './windowed.ts';

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

/** ONNX Runtime's blocked layout, in which its convolutions are fast, takes channels in fours. */
const CHANNELS_AT_ONCE = 4;

/** Channels that it computes at once. */
const BLOCK = 8;

/**
 * The gradient with respect to the input. With constant weights it is a convolution again, which stays in ONNX Runtime's
 * blocked layout (ConvTranspose does not): for stride 1 with the flipped kernel; for larger strides one for each phase
 * of the input, woven together afterwards.
 */
function inputGradient(context: GradientContext, windows: Windows, image: string): string {
  const { b, node, g } = context;
  const weight = b.valueOf(node.inputs[1]!);
  const lengths = b.shape(node.inputs[0]!).slice(2);
  const counts = b.shape(node.outputs[0]!).slice(2);
  const plain = windows.strides.every((stride) => stride === 1);
  if (weight?.type === 'float32' && weight.dims.length === 4) {
    if (areNumbers(lengths) && areNumbers(counts)) return byPhases(context, windows, weight, lengths, counts, true);
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
  return convolveBack(b, g, node.inputs[1]!, windows, intAttribute(node, 'group', 1), image);
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

function allAxesButChannels(b: GraphBuilder, value: string): number[] {
  return b.shape(value).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

export const CONVOLUTION: Readonly<Record<string, GradientRule>> = { Conv: conv, ...TRANSPOSED_CONVOLUTION };
