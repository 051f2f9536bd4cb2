/** @file The finished units of a campaign: a journal of hashes, and the objects that they name. */

import { InputError } from '@pareidolia/core';
import { z } from 'zod';
import type { Journal } from '../../job/journal.ts';
import { HASH } from '../plan/resolved-plan.ts';
import type { Finished } from '../units/unroll.ts';

const entry = z.object({
  object: HASH,
  last: z.boolean(),
  evaluations: z.int().min(0),
  hardware: z.string(),
  worker: z.string(),
});

/** A finished unit. */
export type LedgerEntry = z.infer<typeof entry>;

/** What is finished, by key. Small: hashes, and no results. */
export class Ledger {
  readonly #journal: Journal;
  readonly #entries = new Map<string, LedgerEntry>();

  /** @throws InputError where a line is none of a campaign */
  constructor(journal: Journal) {
    this.#journal = journal;
    for (const key of journal.keys()) {
      const found = entry.safeParse(journal.result(key));
      if (!found.success) throw journal.damaged(key, found.error);
      this.#entries.set(key, found.data);
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): LedgerEntry | undefined {
    return this.#entries.get(key);
  }

  /** For the unroller. */
  readonly known = (key: string): Finished | undefined => this.#entries.get(key);

  entries(): IterableIterator<[string, LedgerEntry]> {
    return this.#entries.entries();
  }

  seconds(key: string): number {
    return this.#journal.seconds(key) ?? 0;
  }

  /** The processors that results are of, in order. */
  get hardware(): readonly string[] {
    return [...new Set([...this.#entries.values()].map(({ hardware }) => hardware))].sort();
  }

  /** @throws DiskError; InputError where the unit is there with another result */
  add(key: string, seed: number, seconds: number, result: LedgerEntry): void {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      if (known.object === result.object) return;
      throw new InputError(
        `${key} has two results, ${known.object.slice(0, 12)}... and ${result.object.slice(0, 12)}...`,
      );
    }
    this.#journal.add({ key, seed, seconds, result });
    this.#entries.set(key, result);
  }
}
