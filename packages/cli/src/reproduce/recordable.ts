import type { Recordable } from '@pareidolia/lab';

/** A line of JSON; arrays of bytes and floats become base64. */
export function writeRecordable(value: Recordable): unknown {
  if (value instanceof Uint8Array) return { $uint8: Buffer.from(value).toString('base64') };
  if (value instanceof Float32Array) {
    return { $float32: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
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
  const { $uint8, $float32 } = value as { $uint8?: unknown; $float32?: unknown };
  if (typeof $uint8 === 'string') return new Uint8Array(Buffer.from($uint8, 'base64'));
  if (typeof $float32 === 'string') {
    const bytes = new Uint8Array(Buffer.from($float32, 'base64'));
    return new Float32Array(bytes.buffer);
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, readRecordable(part)]));
}
