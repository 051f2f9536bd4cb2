/** @file Phases: a tensor taken apart by the remainders of its rows and columns, and put together again. */

import type { GraphBuilder } from '../graph/builder.ts';

/** Remainders of row and column, row by row. */
export function phasesOf(down: number, across: number): readonly (readonly [number, number])[] {
  return Array.from({ length: down * across }, (_, at): [number, number] => [Math.floor(at / across), at % across]);
}

/**
 * Weaves `N x (down across C) x h x w`, one phase after another, into `N x C x lengths`: what DepthToSpace does in its DCR
 * mode, but as two transpositions that each move one axis, which ONNX Runtime does several times as fast.
 *
 * @param each `h` and `w`
 * @param lengths at most `down h` and `across w`; what is beyond is cut off
 */
export function weave(
  b: GraphBuilder,
  phases: string,
  [down, across]: readonly [number, number],
  channels: number,
  each: readonly number[],
  lengths: readonly number[],
): string {
  const [height = 1, width = 1] = each;
  // The batch axis is copied (0): so its name, and with it the shape, lives on in ONNX Runtime's own analysis.
  const reshape = (value: string, dims: readonly number[]): string => b.op('Reshape', [value, b.ints([0, ...dims])]);
  const columns = b.op('Transpose', [reshape(phases, [down, across, channels * height * width])], {
    perm: [0, 1, 3, 2],
  });
  const rows = b.op('Transpose', [reshape(columns, [down, channels * height, across * width])], { perm: [0, 2, 1, 3] });
  const full = reshape(rows, [channels, down * height, across * width]);
  if (lengths[0] === down * height && lengths[1] === across * width) return full;
  return b.op('Slice', [full, b.ints([0, 0]), b.ints(lengths), b.ints([2, 3])]);
}
