/** @file A shape rule for each operator. */

import { COMPOSITE_SHAPES } from './composites.ts';
import { EINSUM_SHAPES } from './einsum.ts';
import { ELEMENTWISE_SHAPES } from './elementwise.ts';
import { INDEXING_SHAPES } from './indexing.ts';
import { MATMUL_SHAPES } from './matmul.ts';
import { MOVEMENT_SHAPES } from './movement.ts';
import { NORMALIZATION_SHAPES } from './normalization.ts';
import { QUANTIZED_SHAPES } from './quantized.ts';
import { RECURRENT_SHAPES } from './recurrent.ts';
import { REDUCTION_SHAPES } from './reduction.ts';
import { RESIZE_SHAPES } from './resize.ts';
import { SLIDING_SHAPES } from './sliding.ts';
import type { ShapeRule } from './types.ts';

export const SHAPE_RULES: Readonly<Record<string, ShapeRule>> = {
  ...COMPOSITE_SHAPES,
  ...EINSUM_SHAPES,
  ...ELEMENTWISE_SHAPES,
  ...INDEXING_SHAPES,
  ...MATMUL_SHAPES,
  ...MOVEMENT_SHAPES,
  ...NORMALIZATION_SHAPES,
  ...QUANTIZED_SHAPES,
  ...RECURRENT_SHAPES,
  ...REDUCTION_SHAPES,
  ...RESIZE_SHAPES,
  ...SLIDING_SHAPES,
};
