/** @file What experiments have found so far: a JSON-lines file for each, one unit of work a line. */

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, type Recordable } from '@pareidolia/core';
import { makeFolder, writeFully } from '../run/files.ts';
import { readRecordable, writeRecordable } from './recordable.ts';

/** One unit that is done. */
export interface Entry {
  readonly key: string;
  readonly seconds: number;
  readonly result: Recordable;
}

/** The units of one experiment. A line is whole or not there: half a line, from a kill, is cut off. */
export class Ledger {
  readonly path: string;
  readonly #entries = new Map<string, Entry>();

  constructor(folder: string, experiment: string) {
    this.path = join(folder, `${experiment}.jsonl`);
    if (!existsSync(this.path)) return;
    const text = readFileSync(this.path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(this.path, Buffer.byteLength(whole));
    for (const [index, line] of whole.split('\n').entries()) {
      if (line === '') continue;
      try {
        const { key, seconds, result } = JSON.parse(line) as { key: string; seconds: number; result: unknown };
        this.#entries.set(key, { key, seconds, result: readRecordable(result) });
      } catch (cause) {
        throw new InputError(`${this.path}, line ${index + 1} is damaged; remove the line to do its work again`, {
          cause,
        });
      }
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
