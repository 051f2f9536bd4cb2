/** @file Output shapes of operators that read, write or list elements by index. */

import { normalAxis } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';
import { typeOfCode } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';
import type { ShapeRule } from './types.ts';

const gather: ShapeRule = ({ node, input }) => {
  const { type, shape } = input(0);
  const axis = normalAxis(intAttribute(node, 'axis', 0), shape.length);
  return [{ type, shape: [...shape.slice(0, axis), ...input(1).shape, ...shape.slice(axis + 1)] }];
};

const gatherND: ShapeRule = ({ node, input, fail }) => {
  const [{ type, shape }, indices] = [input(0), input(1).shape];
  const depth = indices.at(-1);
  if (typeof depth !== 'number') return fail('has indices of unknown depth');
  const batch = intAttribute(node, 'batch_dims', 0);
  if (batch >= indices.length || depth < 1 || batch + depth > shape.length) {
    return fail(
      `has indices of [${indices.join(', ')}] into [${shape.join(', ')}] behind ${batch} axes of a batch, which do not fit`,
    );
  }
  return [{ type, shape: [...indices.slice(0, -1), ...shape.slice(batch + depth)] }];
};

const oneHot: ShapeRule = ({ node, input, constant }) => {
  const { shape } = input(0);
  const depth = constant(1)?.data[0];
  const axis = normalAxis(intAttribute(node, 'axis', -1), shape.length + 1);
  return [
    {
      type: input(2).type,
      shape: [...shape.slice(0, axis), depth === undefined ? '?' : Number(depth), ...shape.slice(axis)],
    },
  ];
};

/** The largest (or smallest) values, and their indices. */
const topK: ShapeRule = ({ node, input, ints }) => {
  const { type, shape } = input(0);
  const axis = normalAxis(intAttribute(node, 'axis', -1), shape.length);
  const count: Dim = ints(1)?.[0] ?? '?';
  const result = shape.map((dim, at) => (at === axis ? count : dim));
  return [
    { type, shape: result },
    { type: 'int64', shape: result },
  ];
};

const range: ShapeRule = ({ input, constant }) => {
  const [start, end, step] = [0, 1, 2].map((index) => constant(index)?.data[0]);
  const isKnown = start !== undefined && end !== undefined && step !== undefined;
  const { type } = input(0);
  // As ONNX Runtime does: the difference in the type of the inputs, the quotient in float64.
  const difference = Number(end) - Number(start);
  const exact = type === 'float32' ? Math.fround(difference) : difference;
  const count = isKnown ? Math.max(0, Math.ceil(exact / Number(step))) : '?';
  return [{ type, shape: [count] }];
};

export const INDEXING_SHAPES: Readonly<Record<string, ShapeRule>> = {
  EyeLike: ({ node, input }) => [
    { type: typeOfCode(intAttribute(node, 'dtype', 0)) ?? input(0).type, shape: input(0).shape },
  ],
  Gather: gather,
  GatherElements: ({ input }) => [{ type: input(0).type, shape: input(1).shape }],
  GatherND: gatherND,
  NonZero: ({ input }) => [{ type: 'int64', shape: [input(0).shape.length, '?'] }],
  OneHot: oneHot,
  Range: range,
  TopK: topK,
};
