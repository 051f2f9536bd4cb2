/**
 * @file Writing that survives anything: a file is either the old one or the new one, never half of it, whatever kills the
 * process or the power.
 */

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The disk has no room. What was there before is unharmed. */
export class DiskFullError extends Error {
  override name = 'DiskFullError';
}

/** Writes beside the file, flushes to disk, then renames over it. */
export function writeAtomically(path: string, data: Uint8Array | string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  guard(path, () => {
    try {
      const file = openSync(temporary, 'w');
      try {
        writeFully(file, data);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
  syncFolder(dirname(path));
}

/**
 * Writes all of the data to an open file.
 *
 * @param position where in the file; where it stands when absent
 */
export function writeFully(file: number, data: Uint8Array | string, position?: number): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(file, bytes, at, bytes.length - at, position === undefined ? null : position + at);
  }
}

/** Names a full disk as such. */
export function guard<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new DiskFullError(`The disk is full: ${path} could not be written; free some space`, { cause: error });
    }
    throw error;
  }
}

/** Creates a folder with its parents. */
export function makeFolder(path: string): void {
  guard(path, () => mkdirSync(path, { recursive: true }));
}

/** Makes a rename durable; not every system can (Windows refuses to open folders). */
function syncFolder(path: string): void {
  let folder: number;
  try {
    folder = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(folder);
  } catch {
    // The rename itself is done; only its durability is left to the system.
  } finally {
    closeSync(folder);
  }
}
