/** @file What is known of a tensor before anything runs: numbers, and lengths of axes that are still open. */

import type { ShapeContext } from '../shapes/types.ts';
import { type DataType, elementCount, type NumericArray, type TensorValue } from './tensor.ts';

/** A number, or the name of an open axis whose length it is; `?` for what is not known. */
export type Entry = number | string;

/** A tensor whose elements may be known in part. Truth values are 0 and 1. */
export interface Entries {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly data: readonly Entry[];
}

/** More than any table of places or shapes has; larger constants are the runtime's work. */
export const MOST_ENTRIES = 2 ** 20;

const GREATEST = 2n ** 63n - 1n;

/** "To the end", as exporters write it (2^63 - 1, or 1 - 2^63). A number holds it nearly, which is as far away. */
const FAR = 2n ** 63n - 2n ** 10n;

/** `undefined` for types that we do not calculate with, and for whole numbers that a number cannot hold. */
export function entriesOf({ type, dims, data }: TensorValue): Entries | undefined {
  if (type === 'float16' || type === 'string' || data.length > MOST_ENTRIES) return undefined;
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return { type, dims, data: Array.from(data) };
  const isExact = (value: bigint): boolean => value >= FAR || value <= -FAR || Number.isSafeInteger(Number(value));
  return data.every(isExact) ? { type, dims, data: Array.from(data, Number) } : undefined;
}

/** The tensor, where all of it is known. */
export function tensorOfEntries({ type, dims, data }: Entries): TensorValue | undefined {
  if (!isKnown(data)) return undefined;
  const array = arrayOf(type, data);
  return array === undefined ? undefined : { type, dims, data: array };
}

export function isKnown(data: readonly Entry[]): data is readonly number[] {
  return data.every((entry) => typeof entry === 'number');
}

function arrayOf(type: DataType, data: readonly number[]): NumericArray | undefined {
  switch (type) {
    case 'float32':
      return Float32Array.from(data);
    case 'float64':
      return Float64Array.from(data);
    case 'int64':
      return BigInt64Array.from(data, (value) => (value >= 2 ** 63 ? GREATEST : BigInt(value)));
    case 'uint64':
      return BigUint64Array.from(data, BigInt);
    case 'int32':
      return Int32Array.from(data);
    case 'uint32':
      return Uint32Array.from(data);
    case 'int16':
      return Int16Array.from(data);
    case 'uint16':
      return Uint16Array.from(data);
    case 'int8':
      return Int8Array.from(data);
    case 'uint8':
    case 'bool':
      return Uint8Array.from(data);
    default:
      return undefined;
  }
}

/** What a folding rule sees of the node. */
export interface FoldContext {
  readonly node: ShapeContext['node'];
  /** @throws Unfoldable where there is no such input */
  input(index: number): Entries;
  has(index: number): boolean;
  /** The numbers in an input. @throws Unfoldable where they are not all known */
  numbers(index: number): readonly number[];
}

/** The outputs, as far as they are known. @throws Unfoldable where the node is left to the runtime */
export type FoldRule = (context: FoldContext) => readonly Entries[];

/** A node that is not calculated here: not known enough, too large, or not right. */
export class Unfoldable extends Error {
  override name = 'Unfoldable';
}

/**
 * Elements of a source, in a new arrangement.
 *
 * @param at the place in the source of each element of the result, by its place in the result
 */
export function arranged(source: Entries, dims: readonly number[], at: (place: number) => number): Entries {
  return made(source.type, dims, (place) => source.data[at(place)]);
}

/** @throws Unfoldable where it would be too large or have holes */
export function made(type: DataType, dims: readonly number[], entry: (place: number) => Entry | undefined): Entries {
  const count = elementCount(dims);
  if (!(count <= MOST_ENTRIES) || dims.some((dim) => !Number.isInteger(dim) || dim < 0)) throw new Unfoldable();
  const data = Array.from({ length: count }, (_, place) => {
    const value = entry(place);
    if (value === undefined) throw new Unfoldable();
    if (typeof value === 'string' || type.startsWith('float')) return value;
    // Where operands of unlike types were brought together; and whole numbers have no minus zero.
    if (!Number.isInteger(value)) throw new Unfoldable();
    return value === 0 ? 0 : value;
  });
  return { type, dims, data };
}

/** How far elements lie apart along each axis. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * dims[axis + 1]!;
  return strides;
}

/** The place along each axis of an element. */
export function placeOf(index: number, dims: readonly number[]): number[] {
  const place = new Array<number>(dims.length);
  let rest = index;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    place[axis] = rest % dims[axis]!;
    rest = Math.floor(rest / dims[axis]!);
  }
  return place;
}
