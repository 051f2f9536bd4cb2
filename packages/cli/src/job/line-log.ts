/**
 * @file What happens within one long work unit, as JSON lines: the generations of a search, the epochs of a training. The
 * unit's checkpoint remembers the log's length, and the log is cut back to it when the unit goes on.
 */

import { statSync } from 'node:fs';
import { InputError } from '@pareidolia/core';
import type { z } from 'zod';
import { AppendFile } from './append-file.ts';

/** Bytes that are read at a time. */
const PIECE = 2 ** 20;

const NEWLINE = 10;

/** @typeParam Line what one line holds, as JSON */
export class LineLog<Line> {
  readonly #line: z.ZodType<Line>;
  readonly #file: AppendFile;
  #pending: string[] = [];

  /**
   * @param line what a line may be; others are not read
   * @param length bytes to keep of what is there, as the checkpoint says; 0 starts a new log
   * @throws InputError where there is less
   */
  constructor(path: string, line: z.ZodType<Line>, length: number) {
    this.#line = line;
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
   * @throws DiskError; the lines are then still pending
   */
  flush(): number {
    if (this.#pending.length > 0) this.#file.append(Buffer.from(this.#pending.join('')));
    this.#pending = [];
    return this.#file.length;
  }

  /**
   * All lines that have reached the disk: this sitting's and those kept of earlier ones.
   *
   * @throws InputError where one is not as it was written
   */
  read(): Line[] {
    return [...this.lines()];
  }

  /**
   * The same one by one, of a file that may be larger than the longest text.
   *
   * @throws InputError where one is not as it was written
   */
  *lines(): Generator<Line> {
    let number = 0;
    let rest: Uint8Array = new Uint8Array(0);
    for (let position = 0; position < this.#file.length; ) {
      const piece = this.#file.read(position, Math.min(PIECE, this.#file.length - position));
      if (piece.length === 0) break;
      position += piece.length;
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const end = position < this.#file.length ? bytes.lastIndexOf(NEWLINE) + 1 : bytes.length;
      rest = bytes.subarray(end);
      for (const line of bytes.toString('utf8', 0, end).split('\n')) {
        if (line !== '') yield parseLine(this.#file.path, this.#line, line, ++number);
      }
    }
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * A line of JSON.
 *
 * @param number of the line, from 1; `undefined` where it is not known
 * @throws InputError where it is not as it was written
 */
export function parseLine<Line>(path: string, kind: z.ZodType<Line>, line: string, number: number | undefined): Line {
  try {
    return kind.parse(JSON.parse(line));
  } catch (cause) {
    const where = number === undefined ? 'a line of' : `line ${number} of`;
    throw new InputError(`${where} ${path} is damaged, so this job cannot be shown or resumed; start another one`, {
      cause,
    });
  }
}
