/** @file Units on this machine alone: so many processes, each with one unit at a time. */

import { InputError } from '@pareidolia/core';
import { sha256 } from '../../job/hash.ts';
import { sentenceOf } from '../../terminal/sentence.ts';
import type { ObjectStore } from '../store/store.ts';
import type { UnitMessage } from '../units/unit-message.ts';
import type { Executor } from '../worker/executor.ts';
import type { QueueCounts, Standing, UnitQueue } from './unit-queue.ts';
import type { WorkerSeen } from './worker-roll.ts';

/** Where units are done that no server gives away. */
export const OWN_MACHINE = 'this machine';

export interface LocalQueueOptions {
  /** One for each unit that is done at a time. */
  readonly executors: readonly Executor[];
  /** Where the campaign keeps its objects; no way is needed. */
  readonly store: ObjectStore;
  readonly hardware: string;
}

export class LocalQueue implements UnitQueue {
  readonly where = OWN_MACHINE;
  readonly store: ObjectStore;
  readonly #hardware: string;
  readonly #executors: readonly Executor[];
  readonly #idle: Executor[];
  readonly #waiting = new Map<string, UnitMessage>();
  readonly #standings = new Map<string, Standing>();
  readonly #changed = new Set<string>();
  /** What each does, and units that it has done. */
  readonly #doing = new Map<Executor, { readonly unit: string | null; readonly done: number }>();
  #wake: () => void = () => {};

  constructor({ executors, store, hardware }: LocalQueueOptions) {
    this.store = store;
    this.#executors = executors;
    this.#idle = [...executors];
    this.#hardware = hardware;
  }

  async offer(id: string, message: UnitMessage): Promise<void> {
    if (this.#standings.has(id)) return;
    this.#standings.set(id, { state: 'waiting' });
    this.#waiting.set(id, message);
    this.#start();
  }

  async look(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Standing>> {
    const found = new Map<string, Standing>();
    for (const id of this.#changed) if (ids.has(id)) found.set(id, this.#standings.get(id) ?? { state: 'gone' });
    this.#changed.clear();
    return found;
  }

  async remove(id: string): Promise<void> {
    this.#standings.delete(id);
  }

  async withdraw(id: string): Promise<boolean> {
    if (!this.#waiting.delete(id)) return false;
    this.#standings.delete(id);
    return true;
  }

  async changed(most: number): Promise<void> {
    if (this.#changed.size > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, most);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }

  async counts(): Promise<QueueCounts> {
    const active = this.#executors.length - this.#idle.length;
    return { waiting: this.#waiting.size, active };
  }

  async workers(): Promise<readonly WorkerSeen[]> {
    return this.#executors.map((executor, place) => {
      const { unit = null, done = 0 } = this.#doing.get(executor) ?? {};
      return { name: `process ${place + 1}`, hardware: this.#hardware, unit, done, ended: false, secondsAgo: 0 };
    });
  }

  async close(): Promise<void> {
    this.#waiting.clear();
    for (const executor of this.#executors) executor.dispose();
  }

  #start(): void {
    for (const [id, message] of this.#waiting) {
      const executor = this.#idle.pop();
      if (executor === undefined) return;
      this.#waiting.delete(id);
      this.#standings.set(id, { state: 'active' });
      const done = this.#doing.get(executor)?.done ?? 0;
      this.#doing.set(executor, { unit: message.key, done });
      void this.#run(message, executor).then((standing) => {
        this.#standings.set(id, standing);
        this.#doing.set(executor, { unit: null, done: done + Number(standing.state === 'done') });
        this.#changed.add(id);
        this.#idle.push(executor);
        this.#start();
        this.#wake();
      });
    }
  }

  async #run(message: UnitMessage, executor: Executor): Promise<Standing> {
    const begin = performance.now();
    try {
      const fetch = async (hash: string): Promise<Uint8Array> => {
        const bytes = await this.store.get(hash);
        if (bytes === undefined) throw new Error(`${this.store.where} lacks ${hash.slice(0, 12)}...`);
        return bytes;
      };
      const { bytes, last, evaluations } = await executor.run(message, fetch);
      const object = sha256(bytes);
      await this.store.put(object, bytes);
      const seconds = (performance.now() - begin) / 1000;
      const worker = `process ${this.#executors.indexOf(executor) + 1}`;
      const outcome = { object, size: bytes.length, last, evaluations, seconds, hardware: this.#hardware, worker };
      return { state: 'done', outcome };
    } catch (error) {
      return { state: 'failed', kind: error instanceof InputError ? 'refused' : 'trouble', why: sentenceOf(error) };
    }
  }
}
