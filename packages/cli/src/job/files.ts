/**
 * @file Atomic writes: a file is either the old one or the new one, never half of it, even if the process is killed or the
 * power fails.
 */

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '@pareidolia/core';

/** Ending of a file that is being written. */
const TEMPORARY = '.tmp';

/** The disk has no room. What was there before is unharmed. */
export class DiskFullError extends Error {
  override name = 'DiskFullError';
}

export interface WriteOptions {
  /** Who may read the file, from its first byte on. */
  readonly mode?: number;
  /** The folder, on the same disk, where the file is written before it is renamed; its own when absent. */
  readonly workshop?: string;
}

/**
 * Replaces a file so that the new one lasts: written beside it, flushed to disk, renamed over it.
 *
 * @throws DiskFullError; the old file is unharmed
 */
export function writeAtomically(path: string, data: Uint8Array | string, options: WriteOptions = {}): void {
  replace(path, data, fsyncSync, options);
  syncFolder(dirname(path));
}

/** The same, but when it reaches the disk is left to the system: for what can be made again. */
export function replaceFile(path: string, data: Uint8Array | string): void {
  replace(path, data, () => {}, {});
}

function replace(
  path: string,
  data: Uint8Array | string,
  flush: (file: number) => void,
  { mode = 0o666, workshop = dirname(path) }: WriteOptions,
): void {
  const temporary = join(workshop, `${basename(path)}.${process.pid}${TEMPORARY}`);
  guard(path, () => {
    try {
      const file = openSync(temporary, 'w', mode);
      try {
        writeFully(file, data);
        flush(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** Removes what a killed process left half-written in a folder. */
export function removeTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith(TEMPORARY)) rmSync(join(folder, name), { force: true });
  }
}

/**
 * The text of a file; `undefined` where there is none.
 *
 * @throws InputError where something is there that cannot be read
 */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new InputError(`${path} cannot be read (${code}); mend that, or choose another place`, { cause: error });
  }
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

/** Reads `length` bytes of an open file from `position` on; what lies beyond its end is left out. */
export function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const count = readSync(file, bytes, at, length - at, position + at);
    if (count === 0) break;
    at += count;
  }
  return bytes.subarray(0, at);
}

/** Error codes of places where this user may not write. */
const FORBIDDEN: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS'];

/**
 * Turns the errors of a full disk and of missing permissions into errors that say so.
 *
 * @throws DiskFullError; InputError where the user named a place that is closed to them
 */
export function guard<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new DiskFullError(`The disk is full: ${path} could not be written; free some space`, { cause: error });
    }
    if (FORBIDDEN.includes(code)) throw forbidden(path, error);
    throw error;
  }
}

/**
 * Finds out whether files can be made in a folder, before there is anything to write.
 *
 * @throws InputError where they cannot
 */
export function requireOpenFolder(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw forbidden(path, error);
  }
}

function forbidden(path: string, cause: unknown): InputError {
  const { code } = cause as NodeJS.ErrnoException;
  return new InputError(`${path} may not be written (${code}); mend its permissions, or choose another place`, {
    cause,
  });
}

/**
 * Creates a folder with its parents.
 *
 * @returns the topmost folder that was not there before; `undefined` where all were
 * @throws InputError where the place does not take folders
 */
export function makeFolder(path: string): string | undefined {
  // One by one: Node's own recursion never ends where a parent refuses to hold anything, as /proc does.
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  try {
    guard(path, () => {
      for (const folder of missing) mkdirSync(folder);
    });
  } catch (cause) {
    if (cause instanceof DiskFullError || cause instanceof InputError) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new InputError(`Folder ${path} cannot be made (${reason}); choose another place`, { cause });
  }
  return missing[0];
}

/** Makes a rename or a new file durable; not every system can (Windows refuses to open folders). */
export function syncFolder(path: string): void {
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
