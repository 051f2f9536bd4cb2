/** @file Gradients of softmax and its logarithm. */

import { intAttribute } from '../operators/attributes.ts';
import type { GradientRule } from './types.ts';

/** y (g - sum(g y)). */
const softmax: GradientRule = ({ b, node, g }) => {
  const y = node.outputs[0]!;
  const axes = b.ints([intAttribute(node, 'axis', -1)]);
  const weighted = b.op('Mul', [g, y]);
  const sum = b.op('ReduceSum', [weighted, axes], { keepdims: 1 });
  return [b.op('Sub', [weighted, b.op('Mul', [y, sum])])];
};

/** g - softmax(x) sum(g). */
const logSoftmax: GradientRule = ({ b, node, g }) => {
  const axes = b.ints([intAttribute(node, 'axis', -1)]);
  const sum = b.op('ReduceSum', [g, axes], { keepdims: 1 });
  return [b.op('Sub', [g, b.op('Mul', [b.op('Exp', [node.outputs[0]!]), sum])])];
};

export const SOFTMAX: Readonly<Record<string, GradientRule>> = { LogSoftmax: logSoftmax, Softmax: softmax };
