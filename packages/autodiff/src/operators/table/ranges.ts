/** @file The range of each attribute of whole numbers, of some others, and of inputs that say an axis, a count or a factor. */

/**
 * What numbers may be, where r is the number of axes of the first input:
 *
 * - `axis`: from -r to r - 1
 * - `boundary`: from -r to r, between two axes or at an end
 * - `axis of result`: an axis of the result, which has one more for each number: from -(r + n) to r + n - 1
 * - `permutation`: the numbers from 0 to r - 1 in any order
 * - `nonzero`: any number but 0
 * - `any`: any number of 64 bits
 * - otherwise the least and the greatest
 */
export type Range =
  | 'axis'
  | 'boundary'
  | 'axis of result'
  | 'permutation'
  | 'nonzero'
  | 'any'
  | readonly [least: number, greatest: number];

/** What an input may hold. */
export interface InputRange {
  /** Of its numbers, where they are known; any where it is left out. */
  readonly range?: Range;
  /** It is a single number. */
  readonly single?: true;
  /** It has one axis. */
  readonly vector?: true;
}

/** Far more than the side of any image, and small enough for sums and products in 64 bits. */
const FAR = 2 ** 24;
const INT32 = [-(2 ** 31), 2 ** 31 - 1] as const;
const COUNT = [1, FAR] as const;
const LENGTH = [0, 2 ** 31 - 1] as const;

/** Ranges by the names of attributes, which mean the same in all operators but for those that say otherwise. */
const NAMED: Readonly<Record<string, Range>> = {
  axes: 'axis',
  axis: 'axis',
  batch_axis: 'axis',
  batch_dims: [0, 63],
  bits: [1, 32],
  block_size: [0, FAR],
  blocksize: [1, 2 ** 12],
  dilations: COUNT,
  end: 'any',
  ends: 'any',
  group: COUNT,
  hidden_size: COUNT,
  kernel_shape: COUNT,
  kv_num_heads: COUNT,
  num_groups: COUNT,
  num_heads: [0, FAR],
  num_outputs: COUNT,
  offset_group: COUNT,
  output_height: COUNT,
  output_padding: [0, FAR],
  output_shape: LENGTH,
  output_width: COUNT,
  p: [1, FAR],
  pads: [0, FAR],
  perm: 'permutation',
  pooled_shape: COUNT,
  q_num_heads: COUNT,
  pool_int64s: 'any',
  sample_size: COUNT,
  seed: 'any',
  shape: LENGTH,
  size: COUNT,
  split: LENGTH,
  start: 'any',
  starts: 'any',
  strides: COUNT,
  time_axis: 'axis',
  K: COUNT,
  N: COUNT,
  value_int: 'any',
  value_ints: 'any',
};

/** The range of an attribute of which its operator says nothing else: at least that of 32 bits. */
export function namedRange(attribute: string): Range {
  return (Object.hasOwn(NAMED, attribute) ? NAMED[attribute] : undefined) ?? INT32;
}

/** Inputs of many operators. */
export const AXES: InputRange = { range: 'axis' };
export const AXIS: InputRange = { range: 'axis', single: true };
export const SINGLE: InputRange = { single: true };
/** Factors by which images grow or shrink. */
export const SCALES: InputRange = { range: [2 ** -24, FAR], vector: true };
/** Numbers for the axes of images. */
export const VECTOR: InputRange = { vector: true };
/** What the spread of random numbers may be: the runtime ends the process where it is not positive. */
export const SPREAD: Range = [2 ** -126, 3e38];
/** Widths of padding, which crop where they are negative. */
export const WIDTHS: Range = [-(2 ** 31), 2 ** 31 - 1];
