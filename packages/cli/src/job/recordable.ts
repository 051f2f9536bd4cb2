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

/** The counterpart of {@link writeRecordable}. */
export function readRecordable(value: unknown): Recordable {
  if (Array.isArray(value)) return value.map(readRecordable);
  if (typeof value !== 'object' || value === null) return value as Recordable;
  const { $uint8, $float32, $number } = value as { $uint8?: unknown; $float32?: unknown; $number?: unknown };
  if (typeof $uint8 === 'string') return new Uint8Array(Buffer.from($uint8, 'base64'));
  if (typeof $number === 'string') return Number($number);
  if (typeof $float32 === 'string') {
    const bytes = new Uint8Array(Buffer.from($float32, 'base64'));
    return new Float32Array(bytes.buffer);
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, readRecordable(part)]));
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
