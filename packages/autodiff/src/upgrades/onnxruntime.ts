/** @file Works around graphs that ONNX Runtime 1.30 computes incorrectly. */

import { withoutDroppedWindows } from './ceil-pools.ts';
import { as, type UpgradeRule } from './types.ts';

/**
 * The product of a Transpose with a vector: the runtime fuses the Transpose into the product, and then misreads the
 * vector's shape. With the vector as a one-column matrix the result is correct.
 */
const matMul: UpgradeRule = (node, context) => {
  const { b, op } = context;
  const [x = '', vector = ''] = node.inputs;
  const rankOf = (value: string): number => (b.isDescribed(value) ? b.shape(value).length : 0);
  if (rankOf(vector) !== 1 || rankOf(x) < 2) return node;
  const product = op('MatMul', [x, op('Unsqueeze', [vector, b.ints([1])])]);
  return as(context, node, 'Squeeze', [product, b.ints([-1])]);
};

export const RUNTIME_UPGRADES: Readonly<Record<string, UpgradeRule>> = {
  AveragePool: withoutDroppedWindows,
  LpPool: withoutDroppedWindows,
  MatMul: matMul,
  MaxPool: withoutDroppedWindows,
};
