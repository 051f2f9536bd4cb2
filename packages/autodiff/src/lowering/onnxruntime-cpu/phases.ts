/** @file Phases (polyphase components) of an image: its pixels by the remainders of row and column modulo a stride. */

import type { GraphBuilder } from '../../builder/builder.ts';

/** An image `N x C x (down h) x (across w)`, split into its phases. */
export interface Phases {
  /** `N x (down across C) x h x w`: the phases as blocks of channels, in row-major order of the remainders. */
  readonly value: string;
  /** Each phase by itself, `N x C x h x w`, where they were computed so. */
  readonly parts?: readonly string[];
  /** `down` and `across`. */
  readonly strides: readonly [number, number];
  /** C. */
  readonly channels: number;
  /** `h` and `w`. */
  readonly each: readonly number[];
}

/** A part of an image: channels, rows and columns, from the first to before the last. */
export interface Part {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Where a cotangent comes from that was merged from phases. */
export interface MergedPhases {
  readonly phases: Phases;
  /** Where the cotangent is in the merged image; outside of it there are zeros. */
  readonly part: Part;
}

/** The remainders of row and column, in row-major order. */
export function phasesOf(down: number, across: number): readonly (readonly [number, number])[] {
  return Array.from({ length: down * across }, (_, at): [number, number] => [Math.floor(at / across), at % across]);
}

/**
 * Merges phases into an image, as DepthToSpace in DCR mode but several times as fast, and crops it.
 *
 * @param block channels per block of the layout
 */
export function mergePhases(b: GraphBuilder, block: number, phases: Phases, part: Part): string {
  return phases.channels % block === 0 ? mergeChannelsLast(b, phases, part) : mergePlanes(b, phases, part);
}

/**
 * Merges with channels last: columns are adjacent already, and rows move in runs of `across C` numbers. ONNX Runtime
 * converts between this order and NCHWc in one pass, as fast as between NCHW and NCHWc.
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

/** Merges with two transpositions that each move one axis: faster for few channels. */
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

/** Reshapes with the batch axis copied (0), so that ONNX Runtime's shape inference keeps its name. */
function reshaper(b: GraphBuilder): (value: string, dims: readonly number[]) => string {
  return (value, dims) => b.op('Reshape', [value, b.ints([0, ...dims])]);
}

/** Crops the merged image. @param places the axes of channels, rows and columns */
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
