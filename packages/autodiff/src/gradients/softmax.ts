/** @file Gradients of softmax and its logarithm. */

import type { GraphBuilder } from '../builder/builder.ts';
import { intAttribute } from '../operators/attributes.ts';
import type { GradientRule } from './types.ts';

/**
 * A row of -inf, as of a token that may attend to nothing, has NaN for its softmax. PyTorch's attention replaces that by 0, and
 * so must the gradient: 0 times NaN would spread from there.
 */
function guarded(b: GraphBuilder, y: string): string {
  const guard = b.nodes.find(({ opType, inputs }) => opType === 'IsNaN' && inputs[0] === y);
  return guard === undefined ? y : b.op('Where', [guard.outputs[0]!, b.scalar(0), y]);
}

/** y (g - sum(g y)). */
const softmax: GradientRule = ({ b, node, g }) => {
  const y = guarded(b, node.outputs[0]!);
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
