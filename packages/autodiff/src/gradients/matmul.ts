/** @file Gradients of matrix products. */

import { floatAttribute, intAttribute } from '../graph/model.ts';
import { reduceTo } from './broadcasting.ts';
import type { GradientContext, GradientRule } from './types.ts';

/** Y = alpha A' B' + beta C, with A' and B' transposed or not. */
const gemm: GradientRule = ({ b, node, g, wants }) => {
  const [x = '', y = '', c = ''] = node.inputs;
  const alpha = floatAttribute(node, 'alpha', 1);
  const beta = floatAttribute(node, 'beta', 1);
  const [transA, transB] = [intAttribute(node, 'transA', 0) !== 0, intAttribute(node, 'transB', 0) !== 0];
  const product = (left: string, right: string, transLeft: boolean, transRight: boolean): string =>
    b.op('Gemm', [left, right], { alpha, transA: Number(transLeft), transB: Number(transRight) });
  const bias = (): string => {
    const sum = reduceTo(b, g, b.shape(node.outputs[0]!), b.shape(c));
    return beta === 1 ? sum : b.op('Mul', [sum, b.scalar(beta)]);
  };
  return [
    wants(0) ? (transA ? product(y, g, transB, true) : product(g, y, false, !transB)) : undefined,
    wants(1) ? (transB ? product(g, x, true, transA) : product(x, g, !transA, false)) : undefined,
    wants(2) ? bias() : undefined,
  ];
};

const matMul: GradientRule = (context) => {
  const { b, node, g, wants, unsupported } = context;
  const [x, y] = [node.inputs[0]!, node.inputs[1]!];
  const [left, right] = [b.shape(x), b.shape(y)];
  if (left.length < 2 || right.length < 2) return unsupported('a product with a vector has no gradient here');
  const shape = b.shape(node.outputs[0]!);
  return [
    wants(0)
      ? reduceTo(b, b.op('MatMul', [g, transposed(context, y)]), [...shape.slice(0, -1), right.at(-2)!], left)
      : undefined,
    wants(1)
      ? reduceTo(
          b,
          b.op('MatMul', [transposed(context, x), g]),
          [...shape.slice(0, -2), left.at(-1)!, shape.at(-1)!],
          right,
        )
      : undefined,
  ];
};

/** The last two axes exchanged. */
function transposed({ b }: GradientContext, value: string): string {
  const rank = b.shape(value).length;
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  perm.splice(rank - 2, 2, rank - 1, rank - 2);
  return b.op('Transpose', [value], { perm });
}

export const MATMUL: Readonly<Record<string, GradientRule>> = { Gemm: gemm, MatMul: matMul };
