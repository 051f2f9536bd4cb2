/** @file Operators that move, pick, resample or make elements. */

import type { Operator } from './operator.ts';
import { AXES, SCALES, SINGLE, SPREAD, VECTOR, WIDTHS } from './ranges.ts';

/** Bounds of uniform numbers. */
const UNIFORM = [
  { name: 'low', usual: 0 },
  { name: 'high', usual: 1 },
] as const;

export const MOVEMENT: Readonly<Record<string, Operator>> = {
  // Shape.
  CenterCropPad: { since: 18, ints: 'axes' },
  Concat: { since: 1, int: 'axis' },
  DepthToSpace: { since: 1, family: 'images', int: 'blocksize', string: 'mode' },
  Expand: { since: 8 },
  Flatten: { since: 1, keepsElements: true, int: 'axis', ranges: { axis: 'boundary' } },
  Pad: {
    since: 1,
    settings: [2],
    string: 'mode',
    before18: { float: 'value', ints: 'pads' },
    ranges: { pads: WIDTHS },
    inputs: { 1: { range: WIDTHS }, 2: SINGLE, 3: AXES },
  },
  Reshape: { since: 1, keepsElements: true, int: 'allowzero' },
  ReverseSequence: { since: 10, keepsShape: true, int: 'batch_axis time_axis' },
  Shape: { since: 1, flat: true, int: 'end start' },
  Size: { since: 1, flat: true },
  Slice: { since: 1, before18: { ints: 'axes ends starts' }, inputs: { 3: AXES, 4: { range: 'nonzero' } } },
  SpaceToDepth: { since: 1, family: 'images', int: 'blocksize' },
  Split: { since: 1, int: 'axis num_outputs', before18: { ints: 'split' } },
  Squeeze: { since: 1, keepsElements: true, before18: { ints: 'axes' }, inputs: { 1: AXES } },
  Tile: { since: 1 },
  Transpose: { since: 1, ints: 'perm' },
  Trilu: {
    since: 14,
    keepsShape: true,
    int: 'upper',
    inputs: { 1: { range: [-(2 ** 31), 2 ** 31 - 1], single: true } },
  },
  Unsqueeze: {
    since: 1,
    keepsElements: true,
    before18: { ints: 'axes' },
    ranges: { axes: 'axis of result' },
    inputs: { 1: { range: 'axis of result' } },
  },

  // Indexing.
  Compress: { since: 9, int: 'axis' },
  Gather: { since: 1, int: 'axis' },
  GatherElements: { since: 11, int: 'axis' },
  GatherND: { since: 11, int: 'batch_dims' },
  NonZero: { since: 9, flat: true },
  OneHot: {
    since: 9,
    flat: true,
    int: 'axis',
    ranges: { axis: 'axis of result' },
    inputs: { 1: { range: [1, 2 ** 31 - 1], single: true } },
  },
  Scatter: { since: 9, until: 10, before18: { int: 'axis' } },
  ScatterElements: { since: 11, keepsShape: true, int: 'axis', string: 'reduction' },
  ScatterND: { since: 11, keepsShape: true, string: 'reduction' },
  TopK: {
    since: 1,
    family: 'alongAxis',
    axis: -1,
    int: 'axis largest sorted',
    before18: { int: 'k' },
    ranges: { k: [1, 2 ** 31 - 1] },
    inputs: { 1: { range: [0, 2 ** 31 - 1], single: true } },
  },
  Unique: { since: 11, int: 'axis sorted' },

  // Resampling.
  AffineGrid: { since: 20, int: 'align_corners' },
  GridSample: { since: 16, int: 'align_corners', string: 'mode padding_mode' },
  Resize: {
    since: 10,
    settings: [1, 2],
    inputs: { 1: VECTOR, 2: SCALES, 3: { range: [1, 2 ** 31 - 1], vector: true } },
    int: 'antialias exclude_outside',
    float: 'cubic_coeff_a extrapolation_value',
    string: 'coordinate_transformation_mode keep_aspect_ratio_policy mode nearest_mode',
    ints: 'axes',
  },
  Upsample: { since: 1, until: 9, before18: { string: 'mode', floats: 'scales' } },

  // Constants and random numbers.
  Bernoulli: { since: 15, flat: true, type: 'dtype', float: 'seed' },
  BitCast: { since: 26, int: 'to' },
  Constant: {
    since: 1,
    int: 'value_int',
    float: 'value_float',
    string: 'value_string',
    tensor: 'value',
    ints: 'value_ints',
    floats: 'value_floats',
    strings: 'value_strings',
  },
  ConstantOfShape: { since: 9, flat: true, tensor: 'value' },
  EyeLike: { since: 9, flat: true, type: 'dtype', int: 'k' },
  Multinomial: { since: 7, flat: true, type: 'dtype', int: 'sample_size', float: 'seed' },
  RandomNormal: {
    since: 1,
    type: 'dtype',
    float: 'mean scale seed',
    ints: 'shape',
    ranges: { scale: SPREAD },
  },
  RandomNormalLike: { since: 1, flat: true, type: 'dtype', float: 'mean scale seed', ranges: { scale: SPREAD } },
  RandomUniform: { since: 1, type: 'dtype', float: 'high low seed', ints: 'shape', order: UNIFORM },
  RandomUniformLike: { since: 1, flat: true, type: 'dtype', float: 'high low seed', order: UNIFORM },
  Range: { since: 11, flat: true, inputs: { 0: SINGLE, 1: SINGLE, 2: { range: 'nonzero', single: true } } },
};
