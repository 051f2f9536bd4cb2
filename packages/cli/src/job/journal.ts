/**
 * @file The journal of a job: a line of JSON for each finished work unit. A line is whole or not there (what a killed process
 * left of one is cut off), and its checksum says whether it is as it was written.
 */

import { closeSync, constants } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Recordable } from '@pareidolia/core';
import { InputError } from '@pareidolia/core';
import { z } from 'zod';
import { AppendFile } from './append-file.ts';
import { diskError, guard } from './disk-error.ts';
import { readAt } from './files.ts';
import { readRecordable, writeRecordable } from './recordable.ts';
import { openRegular } from './regular-file.ts';

/** A unit that is done. */
export interface JournalRecord {
  readonly key: string;
  /** Of the unit's random numbers; absent where the code that the key names has its own. */
  readonly seed?: number;
  /** What the unit took, over all sittings. */
  readonly seconds: number;
  readonly result: Recordable;
}

const head = z.object({ key: z.string(), seed: z.int().exactOptional(), seconds: z.number(), crc: z.int() });

/** A record as it is written, with its checksum and the end of the line. */
function lineOf({ key, seed, seconds, result }: JournalRecord): Buffer {
  const text = JSON.stringify(writeRecordable(result));
  const start = JSON.stringify({ key, ...(seed === undefined ? {} : { seed }), seconds, crc: crc32(text) });
  return Buffer.from(`${start.slice(0, -1)}${RESULT}${text}}\n`);
}

/** Where a line lies, without its result. */
interface Entry {
  readonly position: number;
  readonly length: number;
  readonly line: number;
  readonly seconds: number;
}

const NEWLINE = 0x0a;
/** Strings in JSON have their quotes escaped, so this stands in a line once at most. */
const RESULT = ',"result":';
/** Bytes of a line, at most: longer ones cannot be read back. */
const LONGEST = 2 ** 29;
/** Bytes that are looked through at a time. */
const CHUNK = 1 << 20;

/** Only keys are in memory: results, which may be many images, are read from the file when they are asked for. */
export class Journal {
  readonly path: string;
  readonly #file: AppendFile;
  readonly #entries = new Map<string, Entry>();
  readonly #onAdd: () => void;
  #lines = 0;

  /**
   * Opens a journal, or begins it.
   *
   * @param path of the file, which ends in `.jsonl`
   * @param onAdd called when a record has reached the disk
   * @throws InputError where a line is damaged
   */
  constructor(path: string, onAdd: () => void = () => {}) {
    this.path = path;
    this.#onAdd = onAdd;
    const whole = this.#scan();
    this.#file = new AppendFile(path, whole);
  }

  /** Finished units, in the order in which they came. */
  keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Seconds that a finished unit took; `undefined` where it is not finished. */
  seconds(key: string): number | undefined {
    return this.#entries.get(key)?.seconds;
  }

  /** The result of a unit; `undefined` where it is not finished. */
  result(key: string): Recordable | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const line = this.#file.read(entry.position, entry.length);
    try {
      return readRecordable(JSON.parse(line.toString('utf8')).result);
    } catch (cause) {
      throw damaged(this.path, entry.line, cause);
    }
  }

  /**
   * Writes a finished unit down; it is on the disk when this returns.
   *
   * @throws DiskError; the records before are unharmed
   */
  add(record: JournalRecord): void {
    this.addAll([record]);
  }

  /** The same for several, which reach the disk together. */
  addAll(records: readonly JournalRecord[]): void {
    if (records.length === 0) return;
    const lines = records.map(lineOf);
    let position = this.#file.length;
    this.#file.append(Buffer.concat(lines));
    for (const [place, { key, seconds }] of records.entries()) {
      const length = lines[place]!.length;
      this.#lines++;
      this.#entries.set(key, { position, length: length - 1, line: this.#lines, seconds });
      position += length;
      this.#onAdd();
    }
  }

  close(): void {
    this.#file.close();
  }

  /**
   * Says that the result of a unit is none that it has written.
   *
   * @param cause what was wrong with it
   */
  damaged(key: string, cause?: unknown): InputError {
    return damaged(this.path, this.#entries.get(key)?.line ?? 0, cause);
  }

  /** Reads the index. A chunk at a time: images of a thousand classes are longer than a string can be. */
  #scan(): number {
    const file = this.#openToRead();
    if (file === undefined) return 0;
    try {
      let begin = 0;
      for (let at = 0; ; at += CHUNK) {
        const chunk = readAt(file, at, CHUNK);
        for (let from = 0; ; ) {
          const found = chunk.indexOf(NEWLINE, from);
          if (found < 0) break;
          const end = at + found;
          this.#lines++;
          if (end - begin > LONGEST) throw damaged(this.path, this.#lines, undefined);
          if (end > begin) this.#index(begin, readAt(file, begin, end - begin));
          begin = end + 1;
          from = found + 1;
        }
        if (chunk.length < CHUNK) return begin;
      }
    } catch (error) {
      throw diskError(this.path, error, 'read');
    } finally {
      closeSync(file);
    }
  }

  #openToRead(): number | undefined {
    return guard(this.path, () => {
      try {
        return openRegular(this.path, constants.O_RDONLY);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  #index(position: number, line: Buffer): void {
    try {
      const cut = line.indexOf(RESULT);
      const { key, seconds, crc } = head.parse(JSON.parse(`${line.toString('utf8', 0, cut)}}`));
      if (crc32(line.subarray(cut + RESULT.length, -1)) !== crc) throw new Error('wrong checksum');
      this.#entries.set(key, { position, length: line.length, line: this.#lines, seconds });
    } catch (cause) {
      throw damaged(this.path, this.#lines, cause);
    }
  }
}

function damaged(path: string, line: number, cause: unknown): InputError {
  return new InputError(`${path}, line ${line} is damaged; remove the line to do its work again`, { cause });
}
