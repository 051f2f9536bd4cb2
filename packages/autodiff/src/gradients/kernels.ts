/** @file Constant kernels rewritten for the way back, so that the gradient of a convolution is a convolution again. */

import type { TensorValue } from '../graph/tensor.ts';
import type { Windows } from '../shapes/windows.ts';

/** A convolution from the cotangent to some phases of the input's gradient. */
export interface PhaseKernel {
  /** `phases * I x O/group x height x width`: the taps of one phase after another. */
  readonly kernel: TensorValue;
  readonly pads: readonly number[];
}

/** One axis of a phase: which tap of the kernel meets the cotangent at which offset. */
interface Taps {
  readonly first: number;
  readonly last: number;
  /** Tap of the forward kernel by offset from `first`; -1 for none. */
  readonly source: readonly number[];
}

/**
 * The input at `stride * jump * q + phase` was met by tap k of the window at `jump * q + (phase + before - k * dilation) /
 * stride`, where that is whole; so every phase of the gradient is a convolution of the cotangent with some of the taps,
 * of stride `jump`.
 *
 * @param count number of windows
 * @param length of the phase
 */
function tapsOf(phase: number, axis: number, windows: Windows, count: number, length: number, jump: number): Taps {
  const { kernel, strides, dilations, before } = windows;
  const offsets = new Map<number, number>();
  for (let k = 0; k < kernel[axis]!; k++) {
    const offset = (phase + before[axis]! - k * dilations[axis]!) / strides[axis]!;
    if (Number.isInteger(offset)) offsets.set(offset, k);
  }
  // Pads cannot be negative: zeros in the kernel reach to the edge instead.
  const first = Math.min(0, ...offsets.keys());
  const last = Math.max(count - 1 - jump * (length - 1), 0, ...offsets.keys());
  return { first, last, source: Array.from({ length: last - first + 1 }, (_, at) => offsets.get(first + at) ?? -1) };
}

/** The taps of several phases, brought to one range. */
function aligned(taps: readonly Taps[]): readonly Taps[] {
  const first = Math.min(...taps.map((item) => item.first));
  const last = Math.max(...taps.map((item) => item.last));
  return taps.map((item) => ({
    first,
    last,
    source: Array.from({ length: last - first + 1 }, (_, at) => item.source[first + at - item.first] ?? -1),
  }));
}

/**
 * The kernel that gives the asked phases (pairs of row and column remainder) of the gradient of a two-dimensional
 * convolution, all of the same length.
 *
 * @param weight `O x I/group x height x width`
 * @param counts numbers of windows
 * @param lengths of every phase
 * @param scale a factor for each of the O channels of the cotangent
 * @param jumps phases in each axis over the stride there: the stride of the convolution
 * @param padded the number of channels that the cotangent is filled up to with zeros (one group only)
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
  jumps: readonly number[],
): PhaseKernel {
  const [outs = 1, ins = 1, height = 1, width = 1] = weight.dims;
  const along = (axis: number): readonly Taps[] =>
    aligned(phases.map((phase) => tapsOf(phase[axis]!, axis, windows, counts[axis]!, lengths[axis]!, jumps[axis]!)));
  const [rows, columns] = [along(0), along(1)];
  const [tall, wide] = [rows[0]!.source.length, columns[0]!.source.length];
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
          const row = rows[phase]!.source[y]!;
          if (row < 0) continue;
          for (let x = 0; x < wide; x++) {
            const column = columns[phase]!.source[x]!;
            if (column < 0) continue;
            data[(to * tall + y) * wide + x] = factor * Number(source[((o * ins + i) * height + row) * width + column]);
          }
        }
      }
    }
  }
  const [top, left] = [-rows[0]!.first, -columns[0]!.first];
  const behind = (axis: number, last: number): number =>
    jumps[axis]! * (lengths[axis]! - 1) + last - (counts[axis]! - 1);
  return {
    kernel: { type: 'float32', dims: [phases.length * group * ins, outsPerGroup, tall, wide], data },
    pads: [top, left, behind(0, rows[0]!.last), behind(1, columns[0]!.last)],
  };
}
