/**
 * @file An audit that is done in pieces elsewhere. It runs as everywhere, but where it would compute it waits for a result; so what
 * it asks for is what can be done now, and nothing about its checks is said twice.
 */

import { InputError, type Recordable } from '@pareidolia/core';
import type { AuditOptions } from '@pareidolia/lab';
import type { AuditPart } from './audit-object.ts';

type AuditUnit = NonNullable<AuditOptions['unit']>;

/** Computes a part. */
export type PartWork = Parameters<AuditUnit>[1];

/** What makes an audit pieces. */
export type PiecesOptions = Required<Pick<AuditOptions, 'unit' | 'pause' | 'together'>>;

/** Turns of the event loop in which nothing moves, after which an audit waits for results. */
const QUIET = 3;

interface Asked {
  readonly work: PartWork;
  readonly waiting: { resolve(result: never): void; reject(error: Error): void }[];
}

export class AuditPieces {
  /** Parts that it waits for. */
  readonly #asked = new Map<string, Asked>();
  readonly #onAsked: (key: string) => void;
  #moves = 0;
  #isOver = false;
  #failure: unknown;

  /**
   * @param begin runs the audit with these options
   * @param onAsked told of each part that is needed; what is known may be given at once
   */
  constructor(begin: (options: PiecesOptions) => Promise<unknown>, onAsked: (key: string) => void = () => {}) {
    this.#onAsked = onAsked;
    const pause = (): Promise<void> => {
      this.#moves++;
      return new Promise((resolve) => setImmediate(resolve));
    };
    begin({ unit: (key, work) => this.#ask(key, work), pause, together: true }).then(
      () => {
        this.#isOver = true;
      },
      (error: unknown) => {
        this.#failure = error;
      },
    );
  }

  /** Whether it has asked for all that it takes. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Parts that it waits for. */
  get asked(): ReadonlySet<string> {
    return new Set(this.#asked.keys());
  }

  workOf(key: string): PartWork | undefined {
    return this.#asked.get(key)?.work;
  }

  /** Says what a part came to; nothing happens where it does not wait for it. */
  give(key: string, came: AuditPart): void {
    const asked = this.#asked.get(key);
    if (asked === undefined) return;
    this.#moves++;
    this.#asked.delete(key);
    for (const { resolve, reject } of asked.waiting) {
      if ('refused' in came) reject(new InputError(came.refused));
      else resolve(came.result as never);
    }
  }

  /**
   * Resolves when it has asked for all that can be done now.
   *
   * @throws whatever the audit has ended with
   */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET; ) {
      const before = this.#moves;
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#moves === before ? quiet + 1 : 0;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #ask<T extends Recordable>(key: string, work: PartWork): Promise<T> {
    this.#moves++;
    return new Promise<T>((resolve, reject) => {
      const known = this.#asked.get(key);
      const waiting = { resolve: resolve as (result: never) => void, reject };
      if (known !== undefined) {
        known.waiting.push(waiting);
        return;
      }
      this.#asked.set(key, { work, waiting: [waiting] });
      this.#onAsked(key);
    });
  }
}

/**
 * Goes on with an audit until it waits for a part.
 *
 * @param known what is known of other parts
 * @returns computes the part; `undefined` where the audit comes to an end, or stops, without asking for it
 */
export async function reachPart(
  pieces: AuditPieces,
  key: string,
  known: (key: string) => Promise<AuditPart | undefined>,
): Promise<PartWork | undefined> {
  for (;;) {
    await pieces.settle();
    const work = pieces.workOf(key);
    if (work !== undefined) return work;
    let given = 0;
    for (const other of pieces.asked) {
      const came = await known(other);
      if (came === undefined) continue;
      pieces.give(other, came);
      given++;
    }
    if (given === 0) return undefined;
  }
}
