/**
 * @file How far a long work unit has come: one file, replaced atomically on the way, and gone when the unit is in the journal.
 */

import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Recordable } from '@pareidolia/core';
import { InputError } from '@pareidolia/core';
import type { Bookmark } from '@pareidolia/lab';
import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';
import { z } from 'zod';
import { guard } from './disk-error.ts';
import { readBytesIfThere, writeAtomically } from './files.ts';
import { isRecordable } from './recordable.ts';

/** Milliseconds between two writes of what is offered. */
const EVERY = 30_000;

/** Bytes of a SHA-256 digest, which the file begins with; the rest is MessagePack. */
const DIGEST = 32;

/** Bytes of a checkpoint, at most: what can be in memory at once. */
const MOST = 2 ** 31 - 1;

/** What the file holds. */
const contents = z.object({
  /** Spent on the unit so far, over all sittings. */
  seconds: z.number().min(0),
  value: z.custom<Recordable>(isRecordable),
});

type Contents = z.infer<typeof contents>;

export interface CheckpointOptions {
  /** Once aborted, every offer is written. */
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Called when a checkpoint has reached the disk. */
  readonly onWrite?: () => void;
}

export class Checkpoint implements Bookmark {
  readonly path: string;
  /** What was last written before this sitting; `undefined` at the beginning of the unit. */
  readonly value: Recordable | undefined;
  readonly #options: CheckpointOptions;
  readonly #begin: number;
  #written: number;

  /** @throws InputError where the file is damaged */
  constructor(path: string, options: CheckpointOptions) {
    this.path = path;
    this.#options = options;
    const before = read(path);
    this.value = before?.value;
    this.#written = options.now();
    this.#begin = this.#written - 1000 * (before?.seconds ?? 0);
  }

  /** Spent on the unit so far, over all sittings. */
  get seconds(): number {
    return (this.#options.now() - this.#begin) / 1000;
  }

  /** Called often by the unit; what `make` gives is written now and then, and once the user has asked to stop. */
  offer(make: () => Recordable): void {
    const { signal, now } = this.#options;
    if (!signal.aborted && now() - this.#written < EVERY) return;
    this.write(make());
  }

  /**
   * Writes a checkpoint now.
   *
   * @throws DiskError; the last checkpoint is then still good
   */
  write(value: Recordable): void {
    const body = encodeMessage({ seconds: this.seconds, value } satisfies Contents);
    writeAtomically(this.path, Buffer.concat([digest(body), body]));
    this.#written = this.#options.now();
    this.#options.onWrite?.();
  }

  /**
   * Says that the value is none that the unit has written.
   *
   * @param cause what was wrong with it
   */
  damaged(cause?: unknown): InputError {
    return damaged(this.path, cause);
  }

  /** Removes the file; called once the unit is in the journal. */
  discard(): void {
    guard(this.path, () => rmSync(this.path, { force: true }));
  }
}

function read(path: string): Contents | undefined {
  const bytes = readBytesIfThere(path, MOST);
  if (bytes === undefined) return undefined;
  const body = bytes.subarray(DIGEST);
  if (!digest(body).equals(bytes.subarray(0, DIGEST))) throw damaged(path);
  try {
    return contents.parse(decodeMessage(body));
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function damaged(path: string, cause?: unknown): InputError {
  return new InputError(`${path} is damaged; delete it, and the work unit that it belongs to begins again`, { cause });
}

function digest(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest();
}
