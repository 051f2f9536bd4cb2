/** @file Results of work units as JSON: what they hold beside plain data are arrays of numbers, and numbers that JSON lacks. */

import type { Recordable } from '@pareidolia/core';

/**
 * The value as JSON can say it. Typed arrays become `{ "$uint8": base64 }` and `{ "$float32": base64 }` (little-endian), and
 * NaN, the infinities and -0 become `{ "$number": "NaN" }`: what is read again is what was written, bit for bit.
 */
export function writeRecordable(value: Recordable): unknown {
  if (value instanceof Uint8Array) return { $uint8: base64(value) };
  if (value instanceof Float32Array) return { $float32: base64(value) };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  // The guard of Array.isArray does not narrow readonly arrays.
  if (Array.isArray(value)) return (value as readonly Recordable[]).map(writeRecordable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, writeRecordable(part)]));
}

/** How deep values may be nested; what is written here is a few levels deep. */
const DEEPEST = 100;

/** Whether a value is plain data and arrays of numbers, and nothing else. */
export function isRecordable(value: unknown, depth = 0): value is Recordable {
  if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return true;
  if (value instanceof Uint8Array || value instanceof Float32Array) return true;
  if (typeof value !== 'object' || depth > DEEPEST) return false;
  if (Array.isArray(value)) return value.every((part) => isRecordable(part, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every((part) => isRecordable(part, depth + 1));
}

/**
 * The counterpart of {@link writeRecordable}.
 *
 * @throws RangeError where the bytes of an array are not a whole number of numbers, or values are nested too deep
 */
export function readRecordable(value: unknown, depth = 0): Recordable {
  if (depth > DEEPEST) throw new RangeError('values are nested too deep');
  if (Array.isArray(value)) return value.map((part) => readRecordable(part, depth + 1));
  if (typeof value !== 'object' || value === null) return value as Recordable;
  const { $uint8, $float32, $number } = value as { $uint8?: unknown; $float32?: unknown; $number?: unknown };
  if (typeof $uint8 === 'string') return new Uint8Array(Buffer.from($uint8, 'base64'));
  if (typeof $number === 'string') return Number($number);
  if (typeof $float32 === 'string') {
    const bytes = new Uint8Array(Buffer.from($float32, 'base64'));
    return new Float32Array(bytes.buffer);
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, readRecordable(part, depth + 1)]));
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
