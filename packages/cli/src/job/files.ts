/**
 * @file Atomic writes: a file is either the old one or the new one, never half of it, even if the process is killed or the
 * power fails.
 */

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from '@pareidolia/core';
import { DiskError, diskError, forbidden, guard, isFailure, systemCode, unfit } from './disk-error.ts';
import { openRegular, problemOf, type RegularOptions, readRegular, UnfitFileError } from './regular-file.ts';

/** Ending of a file that is being written, behind the process that writes it. */
const TEMPORARY = /\.\d+\.tmp$/;

/** Bytes of a text that {@link readIfThere} reads, at most. */
const MOST_TEXT = 2 ** 28;

export interface WriteOptions {
  /** Who may read the file, from its first byte on. */
  readonly mode?: number;
  /** The folder, on the same disk, where the file is written before it is renamed; its own when absent. */
  readonly workshop?: string;
}

/**
 * Replaces a file so that the new one lasts: written beside it, flushed to disk, renamed over it.
 *
 * @throws DiskError; the old file is unharmed
 */
export function writeAtomically(path: string, data: Uint8Array | string, options: WriteOptions = {}): void {
  replace(path, data, fsyncSync, options);
  syncFolder(dirname(path));
}

/**
 * The same without standing still while the disk works: several files at once take about as long as one. Not for one path twice at
 * once.
 *
 * @throws DiskError; the old file is unharmed
 */
export async function writeAtomicallyAside(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    const file = openNew(temporary);
    try {
      writeFully(file, data);
      await flushed(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    attempt(() => rmSync(temporary, { force: true }));
    guard(path, () => {
      throw error;
    });
  }
  await syncFolderAside(dirname(path));
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
  const temporary = join(workshop, temporaryName(basename(path)));
  guard(path, () => {
    try {
      const file = openNew(temporary, mode);
      try {
        writeFully(file, data);
        flush(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (error) {
      attempt(() => rmSync(temporary, { force: true }));
      throw error;
    }
  });
}

/** The name under which this process writes a file before it is renamed. */
export function temporaryName(name: string): string {
  return `${name}.${process.pid}.tmp`;
}

/** A file that is not there yet; what a dead process with our number has left is removed. */
export function openNew(path: string, mode = 0o666): number {
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  try {
    return openRegular(path, O_WRONLY | O_CREAT | O_EXCL, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    rmSync(path, { force: true });
    return openRegular(path, O_WRONLY | O_CREAT | O_EXCL, { mode });
  }
}

/** Does something that is only tidy, and no reason to fail. */
export function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // What is left is removed by the next process, or does no harm.
  }
}

/** The name of the file that a temporary one would have become; `undefined` where it is none of ours. */
export function finalName(temporary: string): string | undefined {
  return TEMPORARY.test(temporary) ? temporary.replace(TEMPORARY, '') : undefined;
}

/**
 * Removes what a killed process left half-written in a folder.
 *
 * @param isOwn whether a file of that name would be one of ours; others are left alone
 */
export function removeTemporaries(folder: string, isOwn: (name: string) => boolean): void {
  for (const name of readdirSync(folder)) {
    const final = finalName(name);
    if (final !== undefined && isOwn(final)) attempt(() => rmSync(join(folder, name), { force: true }));
  }
}

/**
 * The text of a file; `undefined` where there is none.
 *
 * @param options links are followed on demand only
 * @throws InputError where something is there that cannot be read; DiskError
 */
export function readIfThere(path: string, options: Pick<RegularOptions, 'follow'> = {}): string | undefined {
  return readBytesIfThere(path, MOST_TEXT, options)?.toString('utf8');
}

/**
 * The bytes of a file; `undefined` where there is none.
 *
 * @param most bytes that are read
 * @param options links are followed on demand only
 * @throws InputError where something is there that cannot be read; DiskError
 */
export function readBytesIfThere(
  path: string,
  most: number,
  options: Pick<RegularOptions, 'follow'> = {},
): Buffer | undefined {
  try {
    return readRegular(path, most, options);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return undefined;
    if (error instanceof UnfitFileError) throw unfit(path, error);
    if (isFailure(error)) throw diskError(path, error, 'read');
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

/** Makes a folder; another process may be faster. */
function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    // A link is none, even to a folder.
    if (!isThere || lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/**
 * Makes a folder inside of another one, with those between. None of them may be a link, through which files would be
 * written elsewhere.
 *
 * @returns its path
 * @throws InputError where something else is in the way; DiskError
 */
export function makeFolderIn(root: string, ...parts: readonly string[]): string {
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    const stats = guard(path, () => lstatSync(path, { throwIfNoEntry: false }));
    if (stats === undefined) guard(path, () => makeOne(path));
    else if (!stats.isDirectory()) {
      throw unfit(path, new UnfitFileError(problemOf(stats) ?? 'it is a file, not a folder'));
    }
  }
  return path;
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
      for (const folder of missing) makeOne(folder);
    });
  } catch (cause) {
    const { cause: system = cause } = cause as Error;
    if (cause instanceof InputError || (cause instanceof DiskError && isFailure(system))) throw cause;
    const reason = systemCode(system) ?? String(system);
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

/** The same without standing still meanwhile. */
async function syncFolderAside(path: string): Promise<void> {
  let folder: number;
  try {
    folder = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    await flushed(folder);
  } catch {
    // As above.
  } finally {
    closeSync(folder);
  }
}

const flushed = promisify(fsync);
