/** @file What experiments have found so far: a JSON-lines file for each, one unit of work a line. */

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import type { Recordable } from '@pareidolia/lab';
import { makeFolder, writeFully } from '../run/files.ts';
import { readRecordable, writeRecordable } from './recordable.ts';

/** One unit that is done. */
export interface Entry {
  readonly key: string;
  readonly seconds: number;
  readonly result: Recordable;
}

const NEWLINE = 0x0a;

/**
 * The units of one experiment, or of several that share theirs. A line is whole or not there: half a line, from a kill, is
 * cut off.
 */
export class Ledger {
  readonly path: string;
  readonly #entries = new Map<string, Entry>();

  /** @param name the file's, without its ending */
  constructor(folder: string, name: string) {
    this.path = join(folder, `${name}.jsonl`);
    if (!existsSync(this.path)) return;
    const bytes = readFileSync(this.path);
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    if (whole < bytes.length) truncateSync(this.path, whole);
    // One line after the other: images of a thousand classes together are longer than a string can be.
    for (let from = 0, line = 1; from < whole; line++) {
      const to = bytes.indexOf(NEWLINE, from);
      if (to > from) this.#read(bytes.toString('utf8', from, to), line);
      from = to + 1;
    }
  }

  #read(text: string, line: number): void {
    try {
      const { key, seconds, result } = JSON.parse(text) as { key: string; seconds: number; result: unknown };
      this.#entries.set(key, { key, seconds, result: readRecordable(result) });
    } catch (cause) {
      throw new InputError(`${this.path}, line ${line} is damaged; remove the line to do its work again`, { cause });
    }
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  add(entry: Entry): void {
    makeFolder(join(this.path, '..'));
    const file = openSync(this.path, 'a');
    try {
      writeFully(file, `${JSON.stringify({ ...entry, result: writeRecordable(entry.result) })}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#entries.set(entry.key, entry);
  }
}
