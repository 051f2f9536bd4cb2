/**
 * @file What happens within one long work unit, as JSON lines: the generations of a search, the epochs of a training. The
 * unit's checkpoint remembers the log's length, and the log is cut back to it when the unit goes on.
 */

import { statSync } from 'node:fs';
import { InputError } from '@pareidolia/core';
import { AppendFile } from './append-file.ts';

/** @typeParam Line what one line holds, as JSON */
export class LineLog<Line> {
  readonly #file: AppendFile;
  #pending: string[] = [];

  /**
   * @param length bytes to keep of what is there, as the checkpoint says; 0 starts a new log
   * @throws InputError where there is less
   */
  constructor(path: string, length: number) {
    if (length > 0 && (statSync(path, { throwIfNoEntry: false })?.size ?? 0) < length) {
      throw new InputError(`${path} has lost lines, so this job cannot be resumed; start another with a new --out`);
    }
    this.#file = new AppendFile(path, length);
  }

  /** Adds a line; it reaches the disk with the next {@link flush}. */
  add(line: Line): void {
    this.#pending.push(`${JSON.stringify(line)}\n`);
  }

  /**
   * Brings all lines to the disk.
   *
   * @returns the length in bytes, for the checkpoint
   * @throws DiskFullError; the lines are then still pending
   */
  flush(): number {
    if (this.#pending.length > 0) this.#file.append(Buffer.from(this.#pending.join('')));
    this.#pending = [];
    return this.#file.length;
  }

  /** All lines that have reached the disk: this sitting's and those kept of earlier ones. */
  read(): Line[] {
    return this.#file
      .read(0, this.#file.length)
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }

  close(): void {
    this.#file.close();
  }
}
