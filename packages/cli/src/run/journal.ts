/** @file A file of JSON lines that grows with the run, and can be cut back to where a checkpoint knows it. */

import { closeSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { guard, writeFully } from './files.ts';

export class Journal {
  readonly #path: string;
  readonly #file: number;
  #length: number;
  #pending: string[] = [];

  /** @param length bytes to keep of what is there; 0 starts anew */
  constructor(path: string, length: number) {
    this.#path = path;
    this.#length = length;
    this.#file = openSync(path, length === 0 ? 'w' : 'r+');
    ftruncateSync(this.#file, length);
  }

  /** Adds a line; it reaches the disk with the next {@link flush}. */
  add(line: unknown): void {
    this.#pending.push(`${JSON.stringify(line)}\n`);
  }

  /**
   * Brings all lines to the disk.
   *
   * @returns the length in bytes
   */
  flush(): number {
    if (this.#pending.length === 0) return this.#length;
    const bytes = Buffer.from(this.#pending.join(''));
    guard(this.#path, () => {
      writeFully(this.#file, bytes, this.#length);
      fsyncSync(this.#file);
    });
    this.#pending = [];
    this.#length += bytes.length;
    return this.#length;
  }

  close(): void {
    closeSync(this.#file);
  }
}
