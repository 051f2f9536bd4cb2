/** @file Forms that ONNX Runtime 1.30 calculates wrongly, written otherwise. */

import { as, type UpgradeRule } from './types.ts';

/**
 * A product with a vector behind a Transpose: the runtime takes the transposition into the product and then mistakes the
 * vector. As a column it is right.
 */
const matMul: UpgradeRule = (node, context) => {
  const { b, op } = context;
  const [x = '', vector = ''] = node.inputs;
  const rankOf = (value: string): number => (b.isDescribed(value) ? b.shape(value).length : 0);
  if (rankOf(vector) !== 1 || rankOf(x) < 2) return node;
  const product = op('MatMul', [x, op('Unsqueeze', [vector, b.ints([1])])]);
  return as(context, node, 'Squeeze', [product, b.ints([-1])]);
};

export const RUNTIME_UPGRADES: Readonly<Record<string, UpgradeRule>> = { MatMul: matMul };
