/** @file Kernels for the gradient of a convolution, from its constant kernel. */

import type { TensorValue } from '../../model/tensor.ts';
import type { Windows } from '../../operators/windows.ts';
import { type Phases, phasesOf } from './phases.ts';

/** A convolution from the cotangent to some phases of the input's gradient. */
export interface PhaseKernel {
  /** `phases * I x O/group x height x width`: the taps of one phase after another. */
  readonly kernel: TensorValue;
  readonly pads: readonly number[];
}

/** One axis of a phase: which tap of the forward kernel applies to the cotangent at which offset. */
interface Taps {
  readonly first: number;
  readonly last: number;
  /** Tap of the forward kernel by offset from `first`; -1 for none. */
  readonly source: readonly number[];
}

/**
 * Tap k of the window at `q + (phase + before - k * dilation) / stride`, where that is an integer, reads the input at
 * `stride * q + phase`. So every phase of the gradient is a convolution of the cotangent with some of the taps.
 *
 * @param count number of windows
 * @param length of the phase
 */
function tapsOf(phase: number, axis: number, windows: Windows, count: number, length: number): Taps {
  const { kernel, strides, dilations, before } = windows;
  const offsets = new Map<number, number>();
  for (let k = 0; k < kernel[axis]!; k++) {
    const offset = (phase + before[axis]! - k * dilations[axis]!) / strides[axis]!;
    if (Number.isInteger(offset)) offsets.set(offset, k);
  }
  // Pads cannot be negative: the kernel is extended with zeros instead.
  const first = Math.min(0, ...offsets.keys());
  const last = Math.max(count - length, 0, ...offsets.keys());
  return { first, last, source: Array.from({ length: last - first + 1 }, (_, at) => offsets.get(first + at) ?? -1) };
}

/** The taps of several phases, over a common range of offsets. */
function aligned(taps: readonly Taps[]): readonly Taps[] {
  const first = Math.min(...taps.map((item) => item.first));
  const last = Math.max(...taps.map((item) => item.last));
  return taps.map((item) => ({
    first,
    last,
    source: Array.from({ length: last - first + 1 }, (_, at) => item.source[first + at - item.first] ?? -1),
  }));
}

/** The size (height x width) of the kernel for some phases. */
export function phaseReach(
  windows: Windows,
  phases: readonly (readonly [number, number])[],
  counts: readonly number[],
  lengths: readonly number[],
): number {
  return [0, 1].reduce((product, axis) => product * taps(axis, windows, phases, counts, lengths)[0]!.source.length, 1);
}

/** The taps along an axis for each phase. */
function taps(
  axis: number,
  windows: Windows,
  phases: readonly (readonly [number, number])[],
  counts: readonly number[],
  lengths: readonly number[],
): readonly Taps[] {
  return aligned(phases.map((phase) => tapsOf(phase[axis]!, axis, windows, counts[axis]!, lengths[axis]!)));
}

/**
 * The kernel that gives some phases (pairs of row and column remainder) of the gradient of a two-dimensional
 * convolution, all of the same size.
 *
 * @param weight `O x I/group x height x width`
 * @param counts numbers of windows
 * @param lengths of every phase
 * @param scale a factor for each of the O channels of the cotangent
 * @param padded the number of channels of the cotangent, including channels of zeros (one group only)
 */
export function phaseKernel(
  weight: TensorValue,
  group: number,
  windows: Windows,
  phases: readonly (readonly [number, number])[],
  counts: readonly number[],
  lengths: readonly number[],
  scale: ArrayLike<number | bigint> | undefined,
  padded: number,
): PhaseKernel {
  const [outs = 1, ins = 1, height = 1, width = 1] = weight.dims;
  const [rows, columns] = [0, 1].map((axis) => taps(axis, windows, phases, counts, lengths));
  const [tall, wide] = [rows![0]!.source.length, columns![0]!.source.length];
  const outsPerGroup = group === 1 ? padded : outs / group;
  const data = new Float32Array(phases.length * group * ins * outsPerGroup * tall * wide);
  const source = weight.data;
  for (let phase = 0; phase < phases.length; phase++) {
    for (let o = 0; o < outs; o++) {
      const part = Math.floor((o * group) / outs);
      const factor = scale === undefined ? 1 : Number(scale[o]);
      for (let i = 0; i < ins; i++) {
        const to = ((phase * group + part) * ins + i) * outsPerGroup + (o - part * (outs / group));
        for (let y = 0; y < tall; y++) {
          const row = rows![phase]!.source[y]!;
          if (row < 0) continue;
          for (let x = 0; x < wide; x++) {
            const column = columns![phase]!.source[x]!;
            if (column < 0) continue;
            data[(to * tall + y) * wide + x] = factor * Number(source[((o * ins + i) * height + row) * width + column]);
          }
        }
      }
    }
  }
  const [top, left] = [-rows![0]!.first, -columns![0]!.first];
  const behind = (axis: number, last: number): number => lengths[axis]! + last - counts[axis]!;
  return {
    kernel: { type: 'float32', dims: [phases.length * group * ins, outsPerGroup, tall, wide], data },
    pads: [top, left, behind(0, rows![0]!.last), behind(1, columns![0]!.last)],
  };
}

/**
 * The kernel of a transposed convolution that takes the phases of a cotangent as its channels: for each phase the
 * forward kernel, shifted by the phase.
 *
 * @param weight `O x I x height x width`
 * @param windows of the forward convolution
 * @param scale a factor for each of the O channels
 * @returns `(phases C) x I x taller x wider`
 */
export function spreadingKernel(
  weight: TensorValue,
  windows: Windows,
  { strides: [down, across], channels }: Pick<Phases, 'strides' | 'channels'>,
  scale: ArrayLike<number | bigint> | undefined,
): TensorValue {
  const [outs = 1, ins = 1, height = 1, width = 1] = weight.dims;
  const { strides, dilations } = windows;
  const [tall = 1, wide = 1] = [height, width].map(
    (size, axis) => strides[axis]! * ([down, across][axis]! - 1) + (size - 1) * dilations[axis]! + 1,
  );
  const data = new Float32Array(down * across * channels * ins * tall * wide);
  for (const [phase, [row, column]] of phasesOf(down, across).entries()) {
    for (let o = 0; o < outs; o++) {
      const factor = scale === undefined ? 1 : Number(scale[o]);
      for (let i = 0; i < ins; i++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const down = row * strides[0]! + y * dilations[0]!;
            const right = column * strides[1]! + x * dilations[1]!;
            const to = (((phase * channels + o) * ins + i) * tall + down) * wide + right;
            data[to] = factor * Number(weight.data[((o * ins + i) * height + y) * width + x]);
          }
        }
      }
    }
  }
  return { type: 'float32', dims: [down * across * channels, ins, tall, wide], data };
}
