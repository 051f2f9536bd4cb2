/** @file Follows a file of JSON lines that another process writes. */

import { closeSync, constants, fstatSync } from 'node:fs';
import { InputError } from '@pareidolia/core';
import type { z } from 'zod';
import { guard } from './disk-error.ts';
import { readAt } from './files.ts';
import { parseLine } from './line-log.ts';
import { openRegular } from './regular-file.ts';

/** Bytes that are read at a time, and that a line has at most. */
const CHUNK = 2 ** 24;

/** @typeParam Line what one line holds */
export class Tail<Line> {
  readonly #path: string;
  readonly #line: z.ZodType<Line>;
  #at = 0;

  /** @param line what a line may be */
  constructor(path: string, line: z.ZodType<Line>) {
    this.#path = path;
    this.#line = line;
  }

  /**
   * The lines that have come since the last call. A file that has become shorter was cut back to be written again: it is
   * read from its beginning, and `anew` is true.
   *
   * @param until bytes of the file that count; what lies beyond is left for later calls
   * @throws InputError where a line is not as it was written, or something else than a file is there
   */
  read(until = Number.POSITIVE_INFINITY): { readonly lines: readonly Line[]; readonly anew: boolean } {
    let file: number;
    try {
      file = openRegular(this.#path, constants.O_RDONLY);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lines: [], anew: false };
      return guard(this.#path, () => {
        throw error;
      });
    }
    try {
      const size = Math.min(until, fstatSync(file).size);
      const anew = size < this.#at;
      if (anew) this.#at = 0;
      const lines: Line[] = [];
      while (this.#at < size) {
        const bytes = readAt(file, this.#at, Math.min(CHUNK, size - this.#at));
        // What comes behind the last line feed is still being written.
        const end = bytes.lastIndexOf(0x0a) + 1;
        if (end === 0 && bytes.length === CHUNK) throw new InputError(`${this.#path} has no lines; it is damaged`);
        if (end === 0) break;
        this.#at += end;
        const texts = bytes.toString('utf8', 0, end).split('\n');
        for (const text of texts) if (text !== '') lines.push(parseLine(this.#path, this.#line, text, undefined));
      }
      return { lines, anew };
    } finally {
      closeSync(file);
    }
  }
}
