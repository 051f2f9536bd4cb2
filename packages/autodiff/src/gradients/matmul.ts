/** @file Gradients of matrix products. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Dim } from '../model/model.ts';
import { floatAttribute, intAttribute } from '../operators/attributes.ts';
import { reduceTo } from './broadcasting.ts';
import type { GradientRule } from './types.ts';

/** Y = alpha A' B' + beta C, with A' and B' transposed or not. */
const gemm: GradientRule = ({ b, node, g, wants }) => {
  const [x = '', y = '', c = ''] = node.inputs;
  const alpha = floatAttribute(node, 'alpha', 1);
  const beta = floatAttribute(node, 'beta', 1);
  const [transA, transB] = [intAttribute(node, 'transA', 0) !== 0, intAttribute(node, 'transB', 0) !== 0];
  const product = (left: string, right: string, transLeft: boolean, transRight: boolean): string =>
    b.op('Gemm', [left, right], { alpha, transA: Number(transLeft), transB: Number(transRight) });
  const bias = (): string => {
    const sum = reduceTo(b, g, b.shape(node.outputs[0]!), b.shape(c), c);
    return beta === 1 ? sum : b.op('Mul', [sum, b.scalar(beta)]);
  };
  return [
    wants(0) ? (transA ? product(y, g, transB, true) : product(g, y, false, !transB)) : undefined,
    wants(1) ? (transB ? product(g, x, true, transA) : product(x, g, !transA, false)) : undefined,
    wants(2) ? bias() : undefined,
  ];
};

/**
 * A vector on the left is a row, one on the right a column; the output lacks that axis, and the cotangent gets it back.
 */
const matMul: GradientRule = ({ b, node, g, wants }) => {
  const [x, y] = [node.inputs[0]!, node.inputs[1]!];
  const [isRow, isColumn] = [b.shape(x).length === 1, b.shape(y).length === 1];
  const left = isRow ? b.op('Unsqueeze', [x, b.ints([0])]) : x;
  const right = isColumn ? b.op('Unsqueeze', [y, b.ints([1])]) : y;
  const lost = [...(isRow ? [-2] : []), ...(isColumn ? [-1] : [])];
  const full = lost.length > 0 ? b.op('Unsqueeze', [g, b.ints(lost)]) : g;
  const batch = b.shape(full).slice(0, -2);
  /** The matrices themselves are not broadcast. */
  const batchOnly = (value: string): Dim[] => [...b.shape(value).slice(0, -2), 1, 1];

  const leftGradient = (): string => {
    const [rows, inner] = [b.shape(full).at(-2)!, b.shape(left).at(-1)!];
    const product = b.op('MatMul', [full, transposed(b, right)]);
    const sum = reduceTo(b, product, [...batch, rows, inner], b.shape(left), left, [batchOnly(right)]);
    return isRow ? b.op('Squeeze', [sum, b.ints([0])]) : sum;
  };
  const rightGradient = (): string => {
    const [inner, columns] = [b.shape(left).at(-1)!, b.shape(full).at(-1)!];
    let sum: string;
    if (batch.length > 0 && b.shape(right).length === 2 && typeof inner === 'number' && typeof columns === 'number') {
      // Weights shared by a stack of matrices: one product over all rows, instead of one per matrix and a sum.
      const [rows, cotangents] = [b.op('Reshape', [left, b.ints([-1, inner])]), b.ints([-1, columns])];
      sum = b.op('Gemm', [rows, b.op('Reshape', [full, cotangents])], { transA: 1 });
    } else {
      const product = b.op('MatMul', [transposed(b, left), full]);
      sum = reduceTo(b, product, [...batch, inner, columns], b.shape(right), right, [batchOnly(left)]);
    }
    return isColumn ? b.op('Squeeze', [sum, b.ints([1])]) : sum;
  };
  return [wants(0) ? leftGradient() : undefined, wants(1) ? rightGradient() : undefined];
};

/** Swaps the last two axes. */
function transposed(b: GraphBuilder, value: string): string {
  const rank = b.shape(value).length;
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  perm.splice(rank - 2, 2, rank - 1, rank - 2);
  return b.op('Transpose', [value], { perm });
}

export const MATMUL: Readonly<Record<string, GradientRule>> = { Gemm: gemm, MatMul: matMul };
