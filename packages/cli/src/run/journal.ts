/** @file A file of JSON lines that grows with the run, and can be cut back to where a checkpoint knows it. */

import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, statSync } from 'node:fs';
import { InputError } from '@pareidolia/core';
import { guard, writeFully } from './files.ts';

/** @typeParam Line what one line holds, as JSON */
export class Journal<Line> {
  readonly #path: string;
  readonly #file: number;
  #length: number;
  #pending: string[] = [];

  /**
   * @param length bytes to keep of what is there; 0 starts anew
   * @throws InputError where there is less
   */
  constructor(path: string, length: number) {
    this.#path = path;
    this.#length = length;
    if (length > 0 && (statSync(path, { throwIfNoEntry: false })?.size ?? 0) < length) {
      throw new InputError(`${path} has lost lines, so this run cannot be resumed; start another with a new --out`);
    }
    this.#file = guard(path, () => openSync(path, length === 0 ? 'w' : 'r+'));
    ftruncateSync(this.#file, length);
  }

  /** Adds a line; it reaches the disk with the next {@link flush}. */
  add(line: Line): void {
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

  /** All lines that have reached the disk, this sitting's and those kept of earlier ones. */
  read(): Line[] {
    const text = readFileSync(this.#path).toString('utf8', 0, this.#length);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }

  close(): void {
    closeSync(this.#file);
  }
}
