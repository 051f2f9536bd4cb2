/**
 * @file Rows of a tensor along an axis: multiplied by a matrix, or scattered to given indices, the adjoint of Gather.
 */

import type { GraphBuilder } from '../builder/builder.ts';
import { padAxes } from '../builder/pads.ts';
import { type Length, lengthOf, lengthsOf, reshapeTo, vectorOf, zerosOf } from '../builder/reshaping.ts';
import { product } from '../model/dims.ts';

/** Up to this size, rows are scattered by a one-hot matrix; beyond it, by ScatterElements. */
const MOST_ENTRIES = 2 ** 22;

/**
 * From this many rows, with this many elements each, copying is faster than multiplying; for single elements it is far
 * slower.
 */
const LONG = 16;

/**
 * Multiplies a tensor by a matrix along an axis: row i of the result is the sum over k of `matrix[i, k]` times row k.
 *
 * @param matrix `new length x old length`
 */
export function multiplyAlong(b: GraphBuilder, value: string, axis: number, matrix: string): string {
  const rank = b.shape(value).length;
  if (axis === rank - 1) return b.op('MatMul', [value, b.op('Transpose', [matrix], { perm: [1, 0] })]);
  if (axis === rank - 2) return b.op('MatMul', [matrix, value]);
  // The axes after it are merged.
  const behind = lengthsOf(b, value).slice(axis + 1);
  const flat = b.op('Reshape', [value, b.ints([...new Array<number>(axis + 1).fill(0), -1])]);
  const mixed = b.op('MatMul', [matrix, flat]);
  return reshapeTo(b, mixed, [...lengthsOf(b, mixed).slice(0, axis + 1), ...behind]);
}

/**
 * Scatters the rows of a value along an axis, into zeros; rows with the same index add up.
 *
 * @param places the index of each row, from 0, or a 1-D int64 value, in which negative indices count from the end
 * @param length of the resulting axis
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

/** Pads some axes with zeros. */
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

/** For distinct indices: a Gather by the inverse map, in which free places get a row of zeros. */
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

/** The indices 0, 1, ... along an axis, as a 1-D int64 value. */
export function placesAlong(b: GraphBuilder, value: string, axis: number): string {
  const whole = (number: number): string =>
    b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(number)) });
  const length = lengthOf(b, value, axis);
  const end = typeof length === 'number' ? whole(length) : b.op('Squeeze', [vectorOf(b, [length]), b.ints([0])]);
  return b.op('Range', [whole(0), end, whole(1)]);
}
