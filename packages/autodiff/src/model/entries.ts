/** @file Tensors whose elements are known in part before the graph runs: numbers, and lengths of axes that are open. */

import type { DataType, NumericArray, TensorValue } from './tensor.ts';

/** An element: a number, or the name of the open axis whose length it is; `?` where it is unknown. */
export type Entry = number | string;

/** A tensor whose elements are known in part. */
export interface Entries {
  /** Element type. */
  readonly type: DataType;
  /** Length of each axis; empty for a scalar. */
  readonly dims: readonly number[];
  /** The elements in row-major order; `bool` as 0 and 1. */
  readonly data: readonly Entry[];
}

/** Larger constants are not followed: no shape and no table of indices has as many elements. */
export const MOST_ENTRIES = 2 ** 20;

const GREATEST = 2n ** 63n - 1n;

/**
 * From here on integers mean "to the end" (2^63 - 1, or 1 - 2^63): a `number` holds them inexactly, which does not
 * matter.
 */
const FAR = 2n ** 63n - 2n ** 10n;

/** A constant as entries; `undefined` for types that are not folded, and for integers that a `number` cannot hold. */
export function entriesOf({ type, dims, data }: TensorValue): Entries | undefined {
  if (type === 'float16' || type === 'string' || data.length > MOST_ENTRIES) return undefined;
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return { type, dims, data: Array.from(data) };
  const isExact = (value: bigint): boolean => value >= FAR || value <= -FAR || Number.isSafeInteger(Number(value));
  return data.every(isExact) ? { type, dims, data: Array.from(data, Number) } : undefined;
}

/** The entries as a constant; `undefined` unless all of them are known. */
export function tensorOfEntries({ type, dims, data }: Entries): TensorValue | undefined {
  if (!isKnown(data)) return undefined;
  const array = arrayOf(type, data);
  return array === undefined ? undefined : { type, dims, data: array };
}

/** Whether all entries are numbers. */
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
