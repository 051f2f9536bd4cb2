/** @file What islands have found together at the end of an epoch, merged once for all of them. */

import { sha256 } from '../../job/hash.ts';
import type { ObjectStore } from '../store/store.ts';
import { mergeCells } from '../units/cells.ts';
import { readIsland, writeElites } from '../units/search-object.ts';
import type { Island } from '../units/unit.ts';
import { ownObject } from './own-object.ts';

/** Merges that are remembered: the islands of a strand ask for the same one after the other. */
const MOST = 64;

export class IslandMerger {
  readonly #objects: ObjectStore;
  readonly #merged = new Map<string, Promise<string>>();

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /**
   * @param states of all islands of the strand, in the order of their seeds
   * @returns the hash of their elites, an object of the campaign
   * @throws InputError where one is missing, or is no island
   */
  async merge({ classes }: Pick<Island, 'classes'>, states: readonly string[]): Promise<string> {
    const key = states.join(' ');
    const merged = this.#merged.get(key) ?? this.#merge(classes.length, states);
    this.#merged.delete(key);
    this.#merged.set(key, merged);
    for (const oldest of this.#merged.keys()) {
      if (this.#merged.size <= MOST) break;
      this.#merged.delete(oldest);
    }
    const hash = await merged;
    // It is let go of once it is used, and may be asked for again.
    if ((await this.#objects.get(hash)) !== undefined) return hash;
    this.#merged.delete(key);
    return this.#merge(classes.length, states);
  }

  async #merge(cells: number, states: readonly string[]): Promise<string> {
    const all = [];
    for (const hash of states) all.push(readIsland(await ownObject(hash, this.#objects), cells).state.elites);
    const bytes = writeElites(mergeCells(all).map((elite) => elite && { ...elite, id: 0 }));
    const hash = sha256(bytes);
    // It follows from the states, and is made again where it is gone.
    await this.#objects.put(hash, bytes, false);
    return hash;
  }
}
