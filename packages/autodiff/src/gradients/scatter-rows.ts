/** @file Rows of a tensor along an axis: mixed by a matrix, or put at given places; the adjoint of taking rows. */

import type { GraphBuilder } from '../builder/builder.ts';
import { padAxes } from '../builder/pads.ts';
import { type Length, lengthOf, lengthsOf, reshapeTo, vectorOf, zerosOf } from '../builder/reshaping.ts';
import { product } from '../model/dims.ts';

/** The largest matrix of zeros and ones by which rows are placed; beyond it they are added one by one. */
const MOST_ENTRIES = 2 ** 22;

/** Rows of as many elements, and as many of them, are copied faster than multiplied; single elements far slower. */
const LONG = 16;

/**
 * Multiplies a tensor along an axis: row i of the result is the sum over k of `matrix[i, k]` times row k.
 *
 * @param matrix `new length x old length`
 */
export function multiplyAlong(b: GraphBuilder, value: string, axis: number, matrix: string): string {
  const rank = b.shape(value).length;
  if (axis === rank - 1) return b.op('MatMul', [value, b.op('Transpose', [matrix], { perm: [1, 0] })]);
  if (axis === rank - 2) return b.op('MatMul', [matrix, value]);
  // What lies behind the axis is taken together.
  const behind = lengthsOf(b, value).slice(axis + 1);
  const flat = b.op('Reshape', [value, b.ints([...new Array<number>(axis + 1).fill(0), -1])]);
  const mixed = b.op('MatMul', [matrix, flat]);
  return reshapeTo(b, mixed, [...lengthsOf(b, mixed).slice(0, axis + 1), ...behind]);
}

/**
 * Puts the rows of a value at places of a longer axis, zeros elsewhere; rows that share a place are added.
 *
 * @param places numbers from 0, or a 1-D int64 value, which may count from the end
 * @param length of the axis that comes out
 */
export function scatterRows(
  b: GraphBuilder,
  value: string,
  axis: number,
  places: readonly number[] | string,
  length: Length,
): string {
  if (typeof places !== 'string' && typeof length === 'number') {
    const first = places[0] ?? 0;
    if (places.every((place, row) => place === first + row)) {
      return padded(b, value, [axis], [first], [length - first - places.length]);
    }
    const { known, open } = product(b.shape(value).slice(axis + 1));
    const isLong = open.length > 0 || known >= LONG;
    const isDistinct = new Set(places).size === places.length;
    if (isDistinct && ((isLong && places.length > LONG) || places.length * length > MOST_ENTRIES)) {
      return gatherInverse(b, value, axis, places, length);
    }
  }
  const count = typeof places === 'string' ? b.shape(places)[0]! : places.length;
  const isSmall = typeof length === 'number' && typeof count === 'number' && length * count <= MOST_ENTRIES;
  const rows = typeof places === 'string' ? places : b.ints(places);
  if (isSmall && b.typeOf(value).type === 'float32') {
    const zeroAndOne = b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0, 1) });
    const depth = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(length)) });
    return multiplyAlong(b, value, axis, b.op('OneHot', [rows, depth, zeroAndOne], { axis: 0 }));
  }
  const lengths = lengthsOf(b, value);
  const column = b.op('Reshape', [rows, b.ints(lengths.map((_, at) => (at === axis ? -1 : 1)))]);
  const indices = b.op('Expand', [column, vectorOf(b, lengths)]);
  const zeros = zerosOf(b, value, lengths.with(axis, length));
  return b.op('ScatterElements', [zeros, indices, value], { axis, reduction: 'add' });
}

/** Zeros before and behind, on some axes. */
export function padded(
  b: GraphBuilder,
  value: string,
  axes: readonly number[],
  before: readonly number[],
  after: readonly number[],
): string {
  if ([...before, ...after].every((width) => width === 0)) return value;
  return padAxes(b, value, [...before, ...after], axes);
}

/** Where no two rows share a place, each place takes its row, or one of zeros that is put behind. */
function gatherInverse(
  b: GraphBuilder,
  value: string,
  axis: number,
  places: readonly number[],
  length: number,
): string {
  const source = new Array<number>(length).fill(places.length);
  places.forEach((place, row) => {
    source[place] = row;
  });
  const rows = places.length === length ? value : padded(b, value, [axis], [0], [1]);
  return b.op('Gather', [rows, b.ints(source)], { axis });
}

/** The places 0, 1, ... along an axis, as a 1-D int64 value. */
export function placesAlong(b: GraphBuilder, value: string, axis: number): string {
  const whole = (number: number): string =>
    b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(number)) });
  const length = lengthOf(b, value, axis);
  const end = typeof length === 'number' ? whole(length) : b.op('Squeeze', [vectorOf(b, [length]), b.ints([0])]);
  return b.op('Range', [whole(0), end, whole(1)]);
}
