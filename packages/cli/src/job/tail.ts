/** @file Follows a file of JSON lines that another process writes. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** @typeParam Line what one line holds */
export class Tail<Line> {
  readonly #path: string;
  #at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The lines that have come since the last call. A file that has become shorter was cut back to be written again: it is
   * read from its beginning, and `anew` is true.
   */
  read(): { readonly lines: readonly Line[]; readonly anew: boolean } {
    let file: number;
    try {
      file = openSync(this.#path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lines: [], anew: false };
      throw error;
    }
    try {
      const { size } = fstatSync(file);
      const anew = size < this.#at;
      if (anew) this.#at = 0;
      const bytes = Buffer.alloc(size - this.#at);
      const length = readSync(file, bytes, 0, bytes.length, this.#at);
      // What comes behind the last line feed is still being written.
      const end = bytes.subarray(0, length).lastIndexOf(0x0a) + 1;
      this.#at += end;
      const text = bytes.toString('utf8', 0, end);
      return { lines: text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line])), anew };
    } finally {
      closeSync(file);
    }
  }
}
