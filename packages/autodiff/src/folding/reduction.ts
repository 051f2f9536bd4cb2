/** @file Folds reductions of integers, such as products of lengths. */

import type { Entry } from '../model/entries.ts';
import { elementCount } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';
import { axisOf } from './movement.ts';
import { type FoldRule, made, placeOf, stridesOf, Unfoldable } from './types.ts';

const REDUCTIONS = {
  ReduceMax: Math.max,
  ReduceMin: Math.min,
  ReduceProd: (a: number, b: number) => a * b,
  ReduceSum: (a: number, b: number) => a + b,
} as const;

/** Reduces integers over some or all axes. */
function reduce(of: (a: number, b: number) => number): FoldRule {
  return ({ node, input, has, numbers }) => {
    const { type, dims, data } = input(0);
    if (!['int64', 'int32'].includes(type) || data.length === 0) throw new Unfoldable();
    const given = has(1) ? numbers(1).map((axis) => axisOf(axis, dims.length)) : [];
    if (given.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) !== 0) return [input(0)];
    const axes = given.length === 0 ? dims.map((_, axis) => axis) : given;
    const kept = dims.map((length, axis) => (axes.includes(axis) ? 1 : length));
    if (!(elementCount(kept) <= data.length)) throw new Unfoldable();
    const strides = stridesOf(kept);
    const result = new Array<Entry | undefined>(elementCount(kept));
    data.forEach((value, place) => {
      const along = placeOf(place, dims);
      const at = along.reduce((sum, each, axis) => sum + (axes.includes(axis) ? 0 : each * strides[axis]!), 0);
      const before = result[at];
      result[at] =
        before === undefined
          ? value
          : typeof before === 'number' && typeof value === 'number'
            ? of(before, value)
            : '?';
    });
    const out = intAttribute(node, 'keepdims', 1) !== 0 ? kept : dims.filter((_, axis) => !axes.includes(axis));
    return [
      made(type, out, (place) =>
        Number.isSafeInteger(result[place]) || typeof result[place] === 'string' ? result[place] : undefined,
      ),
    ];
  };
}

export const REDUCTION_FOLDS: Readonly<Record<string, FoldRule>> = Object.fromEntries(
  Object.entries(REDUCTIONS).map(([opType, of]) => [opType, reduce(of)]),
);
