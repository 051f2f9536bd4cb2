/** @file Phases: a tensor taken apart by the remainders of its rows and columns, and put together again. */

import type { GraphBuilder } from '../builder/builder.ts';
import { BLOCK } from './nchwc.ts';

/** A tensor `N x C x (down h) x (across w)` by the remainders of its rows and columns. */
export interface Phases {
  /** `N x (down across C) x h x w`: one phase after another, row by row. */
  readonly value: string;
  /** `down` and `across`. */
  readonly strides: readonly [number, number];
  /** C. */
  readonly channels: number;
  /** `h` and `w`. */
  readonly each: readonly number[];
}

/** A part of a tensor: channels, rows and columns from the first to before the last. */
export interface Part {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** A cotangent that was put together from phases, before it was cut to its size. */
export interface MergedPhases {
  readonly phases: Phases;
  /** Where the cotangent is in the merged tensor; all around it are zeros. */
  readonly part: Part;
}

/** Remainders of row and column, row by row. */
export function phasesOf(down: number, across: number): readonly (readonly [number, number])[] {
  return Array.from({ length: down * across }, (_, at): [number, number] => [Math.floor(at / across), at % across]);
}

/** Puts phases together, as DepthToSpace does in its DCR mode but several times as fast, and cuts out a part. */
export function mergePhases(b: GraphBuilder, phases: Phases, part: Part): string {
  return phases.channels % BLOCK === 0 ? mergeChannelsLast(b, phases, part) : mergePlanes(b, phases, part);
}

/**
 * With channels last: columns stand side by side already, and rows move in runs of `across C` numbers. ONNX Runtime goes
 * between this order and its blocked layout in one pass, as fast as between that and planes.
 */
function mergeChannelsLast(b: GraphBuilder, phases: Phases, part: Part): string {
  const { value, channels, each } = phases;
  const [down, across] = phases.strides;
  const [height = 1, width = 1] = each;
  const reshape = reshaper(b);
  const pixels = b.op('Transpose', [value], { perm: [0, 2, 3, 1] });
  const rows =
    down === 1
      ? pixels
      : b.op('Transpose', [reshape(pixels, [height, width, down, across * channels])], { perm: [0, 1, 3, 2, 4] });
  const full = reshape(rows, [down * height, across * width, channels]);
  return b.op('Transpose', [cut(b, full, phases, part, [3, 1, 2])], { perm: [0, 3, 1, 2] });
}

/** Two transpositions that each move one axis: better for few channels. */
function mergePlanes(b: GraphBuilder, phases: Phases, part: Part): string {
  const { value, channels, each } = phases;
  const [down, across] = phases.strides;
  const [height = 1, width = 1] = each;
  const reshape = reshaper(b);
  const columns = b.op('Transpose', [reshape(value, [down, across, channels * height * width])], {
    perm: [0, 1, 3, 2],
  });
  const rows = b.op('Transpose', [reshape(columns, [down, channels * height, across * width])], { perm: [0, 2, 1, 3] });
  return cut(b, reshape(rows, [channels, down * height, across * width]), phases, part, [1, 2, 3]);
}

/** The batch axis is copied (0): so its name, and with it the shape, lives on in ONNX Runtime's own analysis. */
function reshaper(b: GraphBuilder): (value: string, dims: readonly number[]) => string {
  return (value, dims) => b.op('Reshape', [value, b.ints([0, ...dims])]);
}

/** @param places of channels, rows and columns among the axes */
function cut(
  b: GraphBuilder,
  full: string,
  { strides, channels, each }: Phases,
  part: Part,
  places: readonly number[],
) {
  const lengths = [channels, ...each.map((length, axis) => length * strides[axis]!)];
  const axes = [0, 1, 2].filter((axis) => part.from[axis] !== 0 || part.to[axis] !== lengths[axis]);
  if (axes.length === 0) return full;
  const along = (numbers: readonly number[]): string => b.ints(axes.map((axis) => numbers[axis]!));
  return b.op('Slice', [full, along(part.from), along(part.to), along(places)]);
}
