/**
 * @file Composite operators of a domain of our own: steps of a gradient of which each target has a best form. Gradient
 * rules write them, and a lowering replaces them; no file contains them.
 */

import { type Operator, WINDOWS } from './operator.ts';

export const COMPOSITES: Readonly<Record<string, Operator>> = {
  // 1 where x > 0, else 0.
  'pareidolia.UnitStep': { since: 1, family: 'unary', flat: true, composite: true },
  // (x, low or none, high or none): 1 where low <= x <= high, else 0.
  'pareidolia.IsBetween': { since: 1, family: 'unary', flat: true, composite: true },
  // (g, y): g where y > 0, else 0, for an output y of Relu.
  'pareidolia.ReluGradient': { since: 1, family: 'unary', composite: true },
  // (g, x, y): the cotangent of the maximum of each window goes to the first element that has it.
  'pareidolia.MaxPoolGradient': { since: 1, int: 'ceil_mode', ...WINDOWS, composite: true },
  // (g, w, x): the gradient of a convolution by its input x, of which only the shape matters.
  'pareidolia.ConvInputGradient': { since: 1, int: 'group', ...WINDOWS, composite: true },
  // (g, x, w): the gradient of a convolution by its kernel w, of which only the shape matters.
  'pareidolia.ConvKernelGradient': { since: 1, int: 'group', ...WINDOWS, composite: true },
};
