/** @file The gradient of Clip. It is 1 at the bounds, as that of torch.clamp. */

import { isBetween } from '../builder/composites.ts';
import type { GradientRule } from './types.ts';

export const clip: GradientRule = ({ b, node, g }) => {
  const [x = '', low = '', high = ''] = node.inputs;
  return [low === '' && high === '' ? g : b.op('Mul', [g, isBetween(b, x, low, high)])];
};
