/** @file A gradient rule for each operator. */

import { ACTIVATION } from './activation.ts';
import { CONVOLUTION } from './convolution.ts';
import { EINSUM } from './einsum.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { EXTREMA } from './extrema.ts';
import { GRID_SAMPLE } from './grid-sample.ts';
import { INDEXING } from './indexing.ts';
import { MATMUL } from './matmul.ts';
import { NORMALIZATION } from './normalization.ts';
import { PADDING } from './padding.ts';
import { POOLING } from './pooling.ts';
import { RECURRENT_GRADIENTS } from './recurrent.ts';
import { REDUCTION } from './reduction.ts';
import { RESIZE } from './resize.ts';
import { SHAPE } from './shape.ts';
import { SLICING } from './slicing.ts';
import { TRIGONOMETRY } from './trigonometry.ts';
import type { GradientRule } from './types.ts';

export const GRADIENT_RULES: Readonly<Record<string, GradientRule>> = {
  ...ACTIVATION,
  ...EXTREMA,
  ...TRIGONOMETRY,
  ...CONVOLUTION,
  ...EINSUM,
  ...ELEMENTWISE,
  ...GRID_SAMPLE,
  ...INDEXING,
  ...MATMUL,
  ...NORMALIZATION,
  ...PADDING,
  ...POOLING,
  ...RECURRENT_GRADIENTS,
  ...REDUCTION,
  ...RESIZE,
  ...SHAPE,
  ...SLICING,
};
