/** @file Output shapes of matrix products. */

import { broadcast } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';
import { intAttribute } from '../operators/attributes.ts';
import type { ShapeRule } from './types.ts';

const gemm: ShapeRule = ({ node, input, fail }) => {
  const [a, b] = [input(0).shape, input(1).shape];
  if (a.length !== 2 || b.length !== 2) return fail(`multiplies [${a.join(', ')}] and [${b.join(', ')}], not matrices`);
  const [rows, inner] = intAttribute(node, 'transA', 0) ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [outer, columns] = intAttribute(node, 'transB', 0) ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (differ(inner, outer)) return fail(`multiplies [${a.join(', ')}] and [${b.join(', ')}], which do not fit`);
  return [{ type: input(0).type, shape: [rows, columns] }];
};

const matMul: ShapeRule = ({ input, fail }) => {
  const a = input(0).shape;
  const b = input(1).shape;
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]);
  if (batch === undefined || left.length < 2 || right.length < 2 || differ(left.at(-1)!, right.at(-2)!)) {
    return fail(`multiplies [${a.join(', ')}] and [${b.join(', ')}], which do not fit`);
  }
  const rows = a.length === 1 ? [] : [left.at(-2)!];
  const columns = b.length === 1 ? [] : [right.at(-1)!];
  return [{ type: input(0).type, shape: [...batch, ...rows, ...columns] }];
};

function differ(a: Dim, b: Dim): boolean {
  return typeof a === 'number' && typeof b === 'number' && a !== b;
}

export const MATMUL_SHAPES: Readonly<Record<string, ShapeRule>> = {
  Gemm: gemm,
  MatMul: matMul,
};
