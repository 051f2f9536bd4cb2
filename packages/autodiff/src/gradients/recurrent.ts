/**
 * @file Recurrent layers. Their gradient is that of the elementary operators that `upgrade` unrolls them into; those that
 * are still there could not be unrolled.
 */

import { RECURRENT, recurrentOf } from '../operators/recurrent.ts';
import type { GradientRule } from './types.ts';

const recurrent: GradientRule = ({ b, node, unsupported }) => {
  const [x = ''] = node.inputs;
  const settings = recurrentOf(node, b.isDescribed(x) ? b.shape(x) : undefined, (value) => b.valueOf(value));
  return unsupported(typeof settings === 'string' ? settings : 'upgrade the model first, which unrolls it');
};

export const RECURRENT_GRADIENTS: Readonly<Record<string, GradientRule>> = Object.fromEntries(
  RECURRENT.map((opType) => [opType, recurrent]),
);
