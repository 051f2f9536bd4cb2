/** @file All that a service has said, on disk: nothing is asked twice, in this sitting or a later one. */

import { InputError, type QueryMemory, type RemoteAnswer } from '@pareidolia/core';
import { z } from 'zod';
import { AppendFile } from '../job/append-file.ts';
import { readBytesIfThere } from '../job/files.ts';

/** Bytes of the file, at most. */
const MOST = 2 ** 31 - 1;

/** A line of the file: a hash of what was sent of an image, and what was said of it. */
const line = z.strictObject({
  key: z.string(),
  scores: z.array(z.number()).exactOptional(),
  names: z.array(z.string()).exactOptional(),
  label: z.union([z.string(), z.number()]).exactOptional(),
  flagged: z.literal(true).exactOptional(),
});

/** The file in a run folder. */
export const QUERIES_FILE = 'queries.jsonl';

/** Where a line lies. */
interface Place {
  readonly at: number;
  readonly length: number;
}

/** Answers by the hash of the image. In memory until {@link keepIn} gives it a file; then only places in it are in memory. */
export class QueryJournal implements QueryMemory {
  readonly #held = new Map<string, RemoteAnswer>();
  readonly #places = new Map<string, Place>();
  #file: AppendFile | undefined;
  #onAdd: () => void = () => {};
  #flagged = 0;

  /** Images that have been answered, over all sittings. */
  get answered(): number {
    return this.#held.size + this.#places.size;
  }

  /** Those of them that were flagged or blocked. */
  get flagged(): number {
    return this.#flagged;
  }

  get(key: string): RemoteAnswer | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return this.#held.get(key);
    return parse(this.#file!.read(place.at, place.length).toString('utf8'), this.#file!.path).answer;
  }

  add(answers: readonly (readonly [key: string, answer: RemoteAnswer])[]): void {
    const fresh = answers.filter(([key]) => !this.#held.has(key) && !this.#places.has(key));
    for (const [, answer] of fresh) if (answer.flagged) this.#flagged++;
    if (this.#file === undefined) for (const [key, answer] of fresh) this.#held.set(key, answer);
    else this.#write(fresh);
  }

  /**
   * Reads what an earlier sitting has left; a line that was not written to its end is left out.
   *
   * @throws InputError where a line is damaged
   */
  recall(path: string): void {
    for (const { key, answer } of read(path).lines) this.add([[key, answer]]);
  }

  /**
   * Keeps all answers in a file from now on, behind what is there.
   *
   * @param onAdd called when answers have reached the disk
   * @throws InputError where a line is damaged; DiskError
   */
  keepIn(path: string, onAdd: () => void): void {
    const { lines, length } = read(path);
    this.#file = new AppendFile(path, length);
    this.#onAdd = onAdd;
    const held = [...this.#held];
    this.#held.clear();
    for (const { key, answer, at, length: size } of lines) {
      if (answer.flagged && !held.some(([known]) => known === key)) this.#flagged++;
      this.#places.set(key, { at, length: size });
    }
    this.#write(held.filter(([key]) => !this.#places.has(key)));
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#places.clear();
  }

  #write(answers: readonly (readonly [key: string, answer: RemoteAnswer])[]): void {
    if (answers.length === 0) return;
    const lines = answers.map(([key, answer]) => Buffer.from(`${JSON.stringify({ key, ...answer })}\n`));
    let at = this.#file!.length;
    this.#file!.append(Buffer.concat(lines), false);
    answers.forEach(([key], index) => {
      const { length } = lines[index]!;
      this.#places.set(key, { at, length: length - 1 });
      at += length;
    });
    this.#onAdd();
  }
}

interface Line extends Place {
  readonly key: string;
  readonly answer: RemoteAnswer;
}

/** The whole lines of a file, and how long they are together. */
function read(path: string): { readonly lines: readonly Line[]; readonly length: number } {
  const bytes = readBytesIfThere(path, MOST);
  if (bytes === undefined) return { lines: [], length: 0 };
  const lines: Line[] = [];
  let at = 0;
  for (let end = bytes.indexOf(0x0a, at); end >= 0; end = bytes.indexOf(0x0a, at)) {
    lines.push({ ...parse(bytes.toString('utf8', at, end), path), at, length: end - at });
    at = end + 1;
  }
  return { lines, length: at };
}

function parse(text: string, path: string): { readonly key: string; readonly answer: RemoteAnswer } {
  try {
    const { key, ...answer } = line.parse(JSON.parse(text));
    return { key, answer };
  } catch (cause) {
    throw new InputError(`${path} is damaged; remove it to ask again, or choose another --out`, { cause });
  }
}
