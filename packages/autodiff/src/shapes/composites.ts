/** @file Shapes of composite operators: those of the value that the gradient belongs to. */

import type { ShapeRule } from './types.ts';

const asThird: ShapeRule = ({ input }) => [{ type: input(0).type, shape: input(2).shape }];

export const COMPOSITE_SHAPES: Readonly<Record<string, ShapeRule>> = {
  'pareidolia.ConvInputGradient': asThird,
  'pareidolia.ConvKernelGradient': asThird,
  'pareidolia.MaxPoolGradient': ({ input }) => [input(1)],
};
