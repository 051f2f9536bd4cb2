/** @file Output shapes of recurrent layers. */

import type { Dim } from '../model/model.ts';
import { intAttribute } from '../operators/attributes.ts';
import { RECURRENT } from '../operators/recurrent.ts';
import type { ShapeRule } from './types.ts';

/** The outputs of all steps, then the last one, and for LSTM the last cell state. */
const recurrent: ShapeRule = ({ node, input, fail }) => {
  const [{ type, shape }, weights, recurrence] = [input(0), input(1).shape, input(2).shape];
  if (shape.length !== 3 || weights.length !== 3 || recurrence.length !== 3) {
    return fail('has an input or weights that are not of three axes');
  }
  const [directions, hidden] = [weights[0]!, intAttribute(node, 'hidden_size', undefined) ?? recurrence[2]!];
  const batchFirst = intAttribute(node, 'layout', 0) !== 0;
  const [first, second] = shape as [Dim, Dim, Dim];
  const all = batchFirst ? [first, second, directions, hidden] : [first, directions, second, hidden];
  const last = batchFirst ? [first, directions, hidden] : [directions, second, hidden];
  return [
    { type, shape: all },
    { type, shape: last },
    { type, shape: last },
  ];
};

export const RECURRENT_SHAPES: Readonly<Record<string, ShapeRule>> = Object.fromEntries(
  RECURRENT.map((opType) => [opType, recurrent]),
);
