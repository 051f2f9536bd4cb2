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

/** A unit that has just been finished. */
export interface FinishedUnit {
  readonly key: string;
  readonly seed: number;
  readonly seconds: number;
  readonly entry: LedgerEntry;
}

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

  /** @throws DiskError; InputError where a unit is there with another result */
  addAll(results: readonly FinishedUnit[]): void {
    const fresh = results.filter(({ key, entry: { object } }) => {
      const known = this.#entries.get(key);
      if (known !== undefined && known.object !== object) {
        throw new InputError(`${key} has two results, ${known.object.slice(0, 12)}... and ${object.slice(0, 12)}...`);
      }
      return known === undefined;
    });
    this.#journal.addAll(fresh.map(({ key, seed, seconds, entry }) => ({ key, seed, seconds, result: entry })));
    for (const { key, entry } of fresh) this.#entries.set(key, entry);
  }

  add(key: string, seed: number, seconds: number, entry: LedgerEntry): void {
    this.addAll([{ key, seed, seconds, entry }]);
  }
}
