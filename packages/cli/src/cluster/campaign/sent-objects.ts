/** @file The objects of a campaign that are in its queue's store, the way on which workers get them. */

import type { ObjectStore } from '../store/store.ts';
import { ownObject } from './own-object.ts';

export class SentObjects {
  /** Where the campaign keeps all objects. */
  readonly #objects: ObjectStore;
  /** Where workers find them. */
  readonly #store: ObjectStore;
  readonly #sent = new Map<string, Promise<void>>();

  constructor(objects: ObjectStore, store: ObjectStore) {
    this.#objects = objects;
    this.#store = store;
  }

  /** @throws InputError where the campaign lacks one, or the store does not take it */
  async send(hashes: Iterable<string>): Promise<void> {
    // No way is needed where both are the same.
    if (this.#store === this.#objects) return;
    await Promise.all([...new Set(hashes)].map((hash) => this.#sendOne(hash)));
  }

  /** Takes note that an object is there: a worker has put it there. */
  isThere(hash: string): void {
    this.#sent.set(hash, Promise.resolve());
  }

  /** Lets go of objects that nobody needs; what is needed after all is sent again. */
  async forget(hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) this.#sent.delete(hash);
    await Promise.all(hashes.map((hash) => this.#store.forget?.(hash)));
  }

  forgetAll(): Promise<void> {
    return this.forget([...this.#sent.keys()]);
  }

  /** Takes note that nobody knows what is there: a server has lost what it had. */
  lost(): void {
    this.#sent.clear();
  }

  async #sendOne(hash: string): Promise<void> {
    const sending = this.#sent.get(hash) ?? this.#put(hash);
    this.#sent.set(hash, sending);
    try {
      await sending;
    } catch (error) {
      this.#sent.delete(hash);
      throw error;
    }
  }

  async #put(hash: string): Promise<void> {
    await this.#store.put(hash, await ownObject(hash, this.#objects));
  }
}
