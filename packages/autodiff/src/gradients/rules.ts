/** @file A gradient rule for each operator. */

import { CONVOLUTION } from './convolution.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { MATMUL } from './matmul.ts';
import { NORMALISATION } from './normalisation.ts';
import { POOLING } from './pooling.ts';
import { REDUCTION } from './reduction.ts';
import { SHAPE } from './shape.ts';
import type { GradientRule } from './types.ts';

export const GRADIENT_RULES: Readonly<Record<string, GradientRule>> = {
  ...CONVOLUTION,
  ...ELEMENTWISE,
  ...MATMUL,
  ...NORMALISATION,
  ...POOLING,
  ...REDUCTION,
  ...SHAPE,
};
