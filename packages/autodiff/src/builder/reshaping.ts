/** @file Targets of Reshape and Expand: constants as far as shapes are known, computed where lengths are open. */

import type { Dim } from '../model/model.ts';
import type { GraphBuilder } from './builder.ts';

/** A length: a number, or the length of an axis of some value, known only when the graph runs. */
export type Length = number | { readonly of: string; readonly axis: number };

export function lengthOf(b: GraphBuilder, value: string, axis: number): Length {
  const dim = b.shape(value)[axis]!;
  return typeof dim === 'number' ? dim : { of: value, axis };
}

/** The lengths of all axes of a value. */
export function lengthsOf(b: GraphBuilder, value: string): Length[] {
  return b.shape(value).map((_, axis) => lengthOf(b, value, axis));
}

/** Lengths as a 1-D int64 value. */
export function vectorOf(b: GraphBuilder, lengths: readonly Length[]): string {
  const pieces: string[] = [];
  let numbers: number[] = [];
  const flush = (): void => {
    if (numbers.length > 0) pieces.push(b.ints(numbers));
    numbers = [];
  };
  for (const length of lengths) {
    if (typeof length === 'number') {
      numbers.push(length);
      continue;
    }
    flush();
    pieces.push(b.op('Gather', [b.op('Shape', [length.of]), b.ints([length.axis])]));
  }
  flush();
  if (pieces.length === 0) return b.ints([]);
  return pieces.length === 1 ? pieces[0]! : b.op('Concat', pieces, { axis: 0 });
}

/** Reshapes a value. */
export function reshapeTo(b: GraphBuilder, value: string, lengths: readonly Length[]): string {
  const { type, shape: from } = b.typeOf(value);
  const to = lengths.map((length): Dim => (typeof length === 'number' ? length : b.shape(length.of)[length.axis]!));
  // An open axis that keeps its position is copied (0), so that ONNX Runtime's shape inference keeps its name.
  const target = to.map((dim, axis) => (typeof dim === 'number' ? dim : dim !== '?' && dim === from[axis] ? 0 : -1));
  const isConstant = target.filter((length) => length === -1).length <= 1 && !to.includes(0);
  const result = isConstant
    ? b.op('Reshape', [value, b.ints(target)])
    : b.op('Reshape', [value, vectorOf(b, lengths)], { allowzero: 1 });
  b.describe(result, { type, shape: to });
  return result;
}

/** Zeros of a value's type, by default in its shape. */
export function zerosOf(b: GraphBuilder, like: string, lengths: readonly Length[] = lengthsOf(b, like)): string {
  const { type } = b.typeOf(like);
  const zero = type === 'float32' ? b.scalar(0) : b.op('CastLike', [b.scalar(0), like]);
  const zeros = b.op('Expand', [zero, vectorOf(b, lengths)]);
  const shape = lengths.map((length): Dim => (typeof length === 'number' ? length : b.shape(length.of)[length.axis]!));
  b.describe(zeros, { type, shape });
  return zeros;
}

/** The shape of a value as a target for Reshape: a constant if at most one axis is open. */
export function shapeOf(b: GraphBuilder, value: string): string {
  const shape = b.shape(value);
  if (shape.filter((dim) => typeof dim !== 'number').length > 1) return b.op('Shape', [value]);
  return b.ints(shape.map((dim) => (typeof dim === 'number' ? dim : -1)));
}
