/** @file What is known of a tensor before anything runs: numbers, and lengths of axes that are still open. */

import type { DataType, NumericArray, TensorValue } from './tensor.ts';

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
