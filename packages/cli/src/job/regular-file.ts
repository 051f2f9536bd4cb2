/**
 * @file Files that are files: no links, pipes or devices, which would lead elsewhere, never end, or wait for ever for
 * somebody to write.
 */

import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';

/** Absent on Windows, where {@link openRegular} looks before it opens. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/** What is there is not an ordinary file; the message says what it is, as the end of a sentence. */
export class UnfitFileError extends Error {
  override name = 'UnfitFileError';
}

export interface RegularOptions {
  /** Whether a link is followed to what it names; a pipe or device behind it is refused all the same. */
  readonly follow?: boolean;
  /** Whether the file must have no other name, since it would change under that one, too. */
  readonly alone?: boolean;
  /** For a file that is made. */
  readonly mode?: number;
}

/**
 * Opens a file without waiting, whatever is there.
 *
 * @param flags as of `open(2)`, without `O_TRUNC`: nothing is harmed before it is known what it is
 * @throws UnfitFileError where it is no ordinary file; the system's errors else
 */
export function openRegular(path: string, flags: number, options: RegularOptions = {}): number {
  const { follow = false, alone = false, mode = 0o666 } = options;
  if (!follow && O_NOFOLLOW === 0 && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw new UnfitFileError(LINK);
  }
  const file = open(path, flags | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW), mode, follow);
  try {
    const stats = fstatSync(file);
    const problem = problemOf(stats);
    if (problem !== undefined) throw new UnfitFileError(problem);
    if (alone && stats.nlink > 1) {
      throw new UnfitFileError('it has a second name (a hard link), under which it would change, too');
    }
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

const LINK = 'it is a symbolic link, and would lead elsewhere';

export const FOLDER = 'it is a folder, not a file';

function open(path: string, flags: number, mode: number, follow: boolean): number {
  try {
    return openSync(path, flags, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!follow && (code === 'ELOOP' || code === 'EMLINK')) throw new UnfitFileError(LINK, { cause: error });
    // Sockets, and pipes that nobody reads, cannot even be opened.
    const stats = ['ENXIO', 'EOPNOTSUPP', 'ENODEV', 'EISDIR'].includes(code ?? '')
      ? lstatSync(path, { throwIfNoEntry: false })
      : undefined;
    const problem = stats === undefined ? undefined : problemOf(stats);
    if (problem !== undefined) throw new UnfitFileError(problem, { cause: error });
    throw error;
  }
}

/** Why something is no ordinary file, as the end of a sentence; `undefined` where it is one. */
export function problemOf(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isSymbolicLink()) return LINK;
  if (stats.isDirectory()) return FOLDER;
  if (stats.isFIFO()) return 'it is a named pipe, not a file';
  if (stats.isSocket()) return 'it is a socket, not a file';
  return 'it is a device, not a file';
}

/**
 * The bytes of a file.
 *
 * @param most bytes; a larger file is refused before it is read
 * @throws UnfitFileError where it is no ordinary file, or larger; the system's errors else
 */
export function readRegular(path: string, most: number, options: Pick<RegularOptions, 'follow'> = {}): Buffer {
  const file = openRegular(path, constants.O_RDONLY, options);
  try {
    const { size } = fstatSync(file);
    if (size > most) throw tooLarge(most);
    // One byte more than there should be, so that the end is seen; files of /proc say that they have none.
    let bytes = Buffer.allocUnsafe(size + 1);
    let length = 0;
    for (;;) {
      const count = readSync(file, bytes, length, bytes.length - length, null);
      if (count === 0) return bytes.subarray(0, length);
      length += count;
      if (length > most) throw tooLarge(most);
      if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length + 4096, most + 1));
    }
  } finally {
    closeSync(file);
  }
}

function tooLarge(most: number): UnfitFileError {
  const size = most >= 2 ** 30 ? `${Math.round(most / 2 ** 30)} GiB` : `${Math.round(most / 2 ** 20)} MiB`;
  return new UnfitFileError(`it is larger than ${size}`);
}
