/** @file A file that only grows, and that is cut back to its last known length when a process goes on with it. */

import { closeSync, constants, fsyncSync, ftruncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskError, guard } from './disk-error.ts';
import { attempt, readAt, syncFolder, writeFully } from './files.ts';
import { openRegular } from './regular-file.ts';

/** An open file of which the first {@link length} bytes count. */
export class AppendFile {
  readonly path: string;
  readonly #file: number;
  #length: number;

  /**
   * @param length bytes to keep of what is there; 0 starts a new file
   * @throws InputError where something else than a file is there; DiskError
   */
  constructor(path: string, length: number) {
    this.path = path;
    this.#length = length;
    const { O_RDWR, O_CREAT } = constants;
    this.#file = guard(path, () => openRegular(path, length === 0 ? O_RDWR | O_CREAT : O_RDWR, { alone: true }));
    guard(path, () => ftruncateSync(this.#file, length));
    if (length === 0) syncFolder(dirname(path));
  }

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds bytes and brings them to the disk. Where that fails the file counts as unchanged: the next call writes over what
   * the failed one left.
   *
   * @param toDisk whether they have to outlive a power cut, and not only the process, which takes milliseconds
   * @throws DiskError
   */
  append(data: Uint8Array, toDisk = true): void {
    guard(this.path, () => {
      writeFully(this.#file, data, this.#length);
      if (toDisk) fsyncSync(this.#file);
    });
    this.#length += data.length;
  }

  /** Reads `length` bytes from `position` on; what is not there is left out. */
  read(position: number, length: number): Buffer {
    try {
      return readAt(this.#file, position, length);
    } catch (error) {
      throw diskError(this.path, error, 'read');
    }
  }

  close(): void {
    // All that counts has been brought to the disk.
    attempt(() => closeSync(this.#file));
  }
}
