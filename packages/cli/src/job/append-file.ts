/** @file A file that only grows, and that is cut back to its last known length when a process goes on with it. */

import { closeSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { guard, readAt, syncFolder, writeFully } from './files.ts';

/** An open file of which the first {@link length} bytes count. */
export class AppendFile {
  readonly path: string;
  readonly #file: number;
  #length: number;

  /** @param length bytes to keep of what is there; 0 starts a new file */
  constructor(path: string, length: number) {
    this.path = path;
    this.#length = length;
    this.#file = guard(path, () => openSync(path, length === 0 ? 'w+' : 'r+'));
    if (length > 0) ftruncateSync(this.#file, length);
    else syncFolder(dirname(path));
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
   * @throws DiskFullError
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
    return readAt(this.#file, position, length);
  }

  close(): void {
    closeSync(this.#file);
  }
}
