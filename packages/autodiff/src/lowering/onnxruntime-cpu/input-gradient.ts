/** @file The gradient of a convolution with respect to its input. */

import type { GraphBuilder } from '../../builder/builder.ts';
import { areNumbers, convolveBack } from '../../gradients/windowed.ts';
import type { Dim } from '../../model/model.ts';
import type { TensorValue } from '../../model/tensor.ts';
import { intAttribute } from '../../operators/attributes.ts';
import type { Windows } from '../../operators/windows.ts';
import { windowsIn } from '../windows.ts';
import type { CpuContext } from './context.ts';
import { imageByParts } from './image-by-parts.ts';
import { phaseKernel, phaseReach, spreadingKernel } from './kernels.ts';
import { CHANNELS_AT_ONCE, type Nchwc } from './nchwc.ts';
import { type MergedPhases, mergePhases, type Part, phasesOf } from './phases.ts';

/** Up to this many channels a transposed convolution is faster. */
const FEW = 4;

/** From here on a transposed convolution is faster, although it works through the images one by one. */
const MOST_WASTE = 3;

/**
 * With constant weights it is a convolution again, which stays in ONNX Runtime's NCHWc layout, as a ConvTranspose would
 * not: at stride 1 with the flipped kernel; at larger strides one convolution per phase of the input, merged
 * afterwards. For an image of few channels, ConvTranspose is faster nevertheless.
 */
export function inputGradient(context: CpuContext): string {
  const { b, node } = context;
  const [g = '', w = '', image = ''] = node.inputs;
  const windows = windowsIn(node);
  const group = intAttribute(node, 'group', 1);
  const weight = b.valueOf(w);
  const lengths = b.shape(image).slice(2);
  const counts = b.shape(g).slice(2);
  const plain = windows.strides.every((stride) => stride === 1);
  if (weight?.type === 'float32' && weight.dims.length === 4) {
    const few = group === 1 && weight.dims[1]! <= FEW;
    const known = areNumbers(lengths) && areNumbers(counts);
    const idle = group === 1 && known && wasteOf(context, windows, weight.dims, lengths, counts) >= MOST_WASTE;
    if (few) {
      const spread = spreadPhases(context, windows, weight, image, lengths);
      if (spread !== undefined) return spread;
    }
    if (!(few && plain) && !idle) {
      const dilated = plain ? byDilation(context, windows, weight) : undefined;
      if (dilated !== undefined) return dilated;
      if (areNumbers(lengths) && areNumbers(counts)) return byPhases(context, windows, weight, lengths, counts);
      // At stride 1 only the difference between the sizes matters, and it is known even where they are open.
      const shrink = windows.kernel.map(
        (size, axis) => (size - 1) * windows.dilations[axis]! - windows.before[axis]! - windows.after[axis]!,
      );
      const far = shrink.map((less, axis) => Math.max(less, 0) + windows.kernel[axis]! * windows.dilations[axis]!);
      const seen = far.map((length, axis) => length - shrink[axis]!);
      if (plain) return byPhases(context, windows, weight, far, seen);
    }
  }
  return convolveBack(b, g, w, windows, group, image);
}

/**
 * How many products the convolution by phases takes for each that is needed: it computes channels that only fill up blocks,
 * and what reaches beyond the edge.
 */
function wasteOf(
  { layout }: CpuContext,
  windows: Windows,
  [outs = 1, ins = 1]: readonly number[],
  lengths: readonly number[],
  counts: readonly number[],
): number {
  const { kernel, strides } = windows;
  const size = (values: readonly number[]): number => values.reduce((product, value) => product * value, 1);
  const each = lengths.map((length, axis) => Math.ceil(length / strides[axis]!));
  const phases = phasesOf(strides[0]!, strides[1]!);
  // Up to a block, channels of the input are read one by one.
  const read = outs < layout.block ? outs : layout.wholeBlocks(outs);
  const computed =
    layout.wholeBlocks(phases.length * ins) * read * phaseReach(windows, phases, counts, each) * size(each);
  return computed / (outs * ins * size(kernel) * size(counts));
}

/**
 * From the phases that the gradient of max pooling consists of, without merging them: a transposed convolution whose
 * stride is larger by the number of phases along each axis.
 */
function spreadPhases(
  context: CpuContext,
  windows: Windows,
  weight: TensorValue,
  image: string,
  lengths: readonly Dim[],
): string | undefined {
  const { b, node, mergedPhases } = context;
  const { source, scale } = unscaled(b, node.inputs[0]!);
  const from = mergedPhases.get(source);
  if (from === undefined) return undefined;
  const byParts = areNumbers(lengths) ? imageByParts(context, from, weight, windows, scale, lengths) : undefined;
  if (byParts !== undefined) return byParts;
  const { phases, part } = from;
  const kernel = spreadingKernel(weight, windows, phases, scale);
  const whole: Windows = {
    kernel: kernel.dims.slice(2),
    strides: windows.strides.map((stride, axis) => stride * phases.strides[axis]!),
    dilations: [1, 1],
    before: windows.before.map((pad, axis) => pad + windows.strides[axis]! * part.from[axis + 1]!),
    after: [0, 0],
    ceil: false,
  };
  return convolveBack(b, phases.value, b.constant(kernel), whole, 1, image);
}

/** At stride 1, the flipped kernel has the dilation of the forward kernel, instead of zeros between its taps. */
function byDilation({ b, node, layout }: CpuContext, windows: Windows, weight: TensorValue): string | undefined {
  const { kernel, dilations, before, after } = windows;
  const pads = [before, after].flatMap((side) => side.map((pad, axis) => (kernel[axis]! - 1) * dilations[axis]! - pad));
  if (dilations.every((dilation) => dilation === 1) || pads.some((pad) => pad < 0)) return undefined;
  const group = intAttribute(node, 'group', 1);
  const { source, scale } = unscaled(b, node.inputs[0]!);
  const { value, channels } = filledUp(b, layout, source, weight.dims[0]!, group, []);
  const dense = { ...windows, dilations: [1, 1], before: kernel.map((size) => size - 1) };
  const flipped = phaseKernel(weight, group, dense, [[0, 0]], [1, 1], [1, 1], scale, channels).kernel;
  return b.op('Conv', [value, b.constant(flipped)], { kernel_shape: kernel, dilations, pads, group });
}

function byPhases(
  { b, node, layout, mergedPhases }: CpuContext,
  windows: Windows,
  weight: TensorValue,
  lengths: readonly number[],
  counts: readonly number[],
): string {
  const group = intAttribute(node, 'group', 1);
  const [down = 1, across = 1] = windows.strides;
  const all = phasesOf(down, across);
  const each = [Math.ceil(lengths[0]! / down), Math.ceil(lengths[1]! / across)];
  const { source, scale } = unscaled(b, node.inputs[0]!);
  const reach = (seen: readonly number[]): number => phaseReach(windows, all, seen, each);
  const from = group === 1 ? mergedPhases.get(source) : undefined;
  const whole = from && wholeOf(from);
  const cotangent =
    from && whole && reach(whole.counts) === reach(counts)
      ? {
          value: mergePhases(b, layout.block, from.phases, whole.part),
          channels: from.phases.channels,
          counts: whole.counts,
        }
      : filledUp(b, layout, source, weight.dims[0]!, group, counts);
  const convolve = (some: readonly (readonly [number, number])[]): string => {
    const { kernel, pads } = phaseKernel(
      weight,
      group,
      windows,
      some,
      cotangent.counts,
      each,
      scale,
      cotangent.channels,
    );
    return b.op('Conv', [cotangent.value, b.constant(kernel)], { kernel_shape: kernel.dims.slice(2), pads, group });
  };
  if (all.length === 1) return convolve(all);
  // A grouped convolution cannot give all phases at once: its output would be ordered by group, then by phase.
  const value =
    group === 1
      ? convolve(all)
      : b.op(
          'Concat',
          all.map((phase) => convolve([phase])),
          { axis: 1 },
        );
  const channels = weight.dims[1]! * group;
  // Usually the mask of an activation follows, and that product stays in NCHWc only if both factors have it.
  const phases = { value, strides: [down, across] as const, channels, each };
  return layout.bring(mergePhases(b, layout.block, phases, { from: [0, 0, 0], to: [channels, ...lengths] }));
}

interface Cotangent {
  readonly value: string;
  readonly channels: number;
  readonly counts: readonly number[];
}

/** The cotangent, with channels of zeros added if their number does not fit the layout. */
function filledUp(
  b: GraphBuilder,
  layout: Nchwc,
  value: string,
  outs: number,
  group: number,
  counts: readonly number[],
): Cotangent {
  const channels = group === 1 && outs > layout.block ? Math.ceil(outs / CHANNELS_AT_ONCE) * CHANNELS_AT_ONCE : outs;
  if (channels === outs) return { value, channels, counts };
  return { value: b.op('Pad', [value, b.ints([0, 0, 0, 0, 0, channels - outs, 0, 0])]), channels, counts };
}

/**
 * A merged cotangent up to its end, with the zeros there: they do not change the convolution, and cropping costs a
 * pass.
 */
function wholeOf({ phases, part }: MergedPhases): { readonly part: Part; readonly counts: readonly number[] } {
  const ends = phases.each.map((length, axis) => length * phases.strides[axis]!);
  const [, ...from] = part.from;
  return {
    part: { from: [0, ...from], to: [phases.channels, ...ends] },
    counts: ends.map((end, axis) => end - from[axis]!),
  };
}

/** Splits a cotangent that is a product with one constant per channel: that factor can be folded into the kernel. */
function unscaled(
  b: GraphBuilder,
  g: string,
): { readonly source: string; readonly scale: ArrayLike<number | bigint> | undefined } {
  const maker = b.makerOf(g);
  const factor = maker?.opType === 'Mul' ? b.valueOf(maker.inputs[1]!) : undefined;
  const perChannel = factor?.dims.length === 4 && factor.dims[1] === factor.data.length;
  if (maker === undefined || factor === undefined || !perChannel) return { source: g, scale: undefined };
  // A product may be broadcast.
  if (String(b.shape(maker.inputs[0]!)) !== String(b.shape(g))) return { source: g, scale: undefined };
  return { source: maker.inputs[0]!, scale: factor.data };
}
