/** @file The audits of a campaign, unrolled as they go on: what each asks for next is given away, and what comes of it is told to it. */

import { InputError } from '@pareidolia/core';
import type { AuditTask } from '../plan/resolved-plan.ts';
import type { AuditPart } from '../units/audit-object.ts';
import { AuditPieces, type PiecesOptions } from '../units/audit-pieces.ts';
import { type AuditShard, auditShard } from '../units/unit.ts';

/** Audits that go on at a time: each has its network and its images in memory here. */
const MOST_OPEN = 8;

/** An audit that can be begun. */
export interface OpenAudit {
  begin(options: PiecesOptions): Promise<unknown>;
  dispose(): Promise<void>;
}

export interface AuditUnrollerOptions {
  readonly tasks: readonly AuditTask[];
  open(task: AuditTask): Promise<OpenAudit>;
  /** What is known of a part. */
  known(key: string): Promise<AuditPart | undefined>;
  /** Told of each part that has to be done. */
  onAsked(unit: AuditShard): void;
}

/** An audit that cannot be done, and why: a sentence. */
export interface FailedAudit {
  readonly task: AuditTask;
  readonly why: string;
}

/** An audit that goes on. */
interface Going {
  readonly task: AuditTask;
  readonly opened: OpenAudit;
  readonly pieces: AuditPieces;
  /** Parts that it has asked for and that were not looked for yet. */
  readonly fresh: Set<string>;
}

export class AuditUnroller {
  readonly #options: AuditUnrollerOptions;
  readonly #waiting: AuditTask[];
  readonly #going = new Map<string, Going>();
  readonly #ready: AuditShard[] = [];
  readonly #ended: AuditTask[] = [];
  readonly #failed = new Map<string, AuditTask>();
  readonly #news: FailedAudit[] = [];

  constructor(options: AuditUnrollerOptions) {
    this.#options = options;
    this.#waiting = [...options.tasks];
  }

  /** Audits that are not over; without those that have failed. */
  get left(): number {
    return this.#waiting.length + this.#going.size;
  }

  /** Audits that have failed. */
  get failed(): number {
    return this.#failed.size;
  }

  /** Parts that were asked for and are not done. */
  get asked(): number {
    return [...this.#going.values()].reduce((sum, { pieces }) => sum + pieces.asked.size, 0);
  }

  /** A part that can be done now; `undefined` where there is none until others are done. */
  async next(): Promise<AuditShard | undefined> {
    while (this.#ready.length === 0) {
      await this.#advance();
      if (this.#ready.length > 0) break;
      const task = this.#going.size < MOST_OPEN ? this.#waiting.shift() : undefined;
      if (task === undefined) return undefined;
      await this.#begin(task);
    }
    return this.#ready.shift();
  }

  /** Says what a part came to. */
  finished({ task, part }: AuditShard, came: AuditPart): void {
    this.#going.get(task.name)?.pieces.give(part!, came);
  }

  /** The audits of which all parts are done, since this was asked last. */
  takeEnded(): readonly AuditTask[] {
    return this.#ended.splice(0);
  }

  /** The audits that have failed since this was asked last. */
  takeFailed(): readonly FailedAudit[] {
    return this.#news.splice(0);
  }

  /** Begins those anew that have failed. */
  retry(): void {
    this.#waiting.push(...this.#failed.values());
    this.#failed.clear();
  }

  async dispose(): Promise<void> {
    for (const { opened } of this.#going.values()) await opened.dispose();
    this.#going.clear();
  }

  async #begin(task: AuditTask): Promise<void> {
    const opened = await this.#options.open(task);
    const fresh = new Set<string>();
    const pieces = new AuditPieces(
      (options) => opened.begin(options),
      (key) => fresh.add(key),
    );
    this.#going.set(task.name, { task, opened, pieces, fresh });
  }

  /** Lets all go on as far as they can with what is known. */
  async #advance(): Promise<void> {
    for (const going of [...this.#going.values()]) {
      const { task, opened, pieces } = going;
      const failure = await this.#goOn(going);
      if (failure === undefined && (!pieces.isOver || pieces.asked.size > 0)) continue;
      this.#going.delete(task.name);
      await opened.dispose();
      if (failure === undefined) this.#ended.push(task);
      else this.#fail(task, failure);
    }
  }

  /** @returns why it cannot go on, where that is so */
  async #goOn({ task, pieces, fresh }: Going): Promise<InputError | undefined> {
    do {
      const failure = await settled(pieces);
      if (failure !== undefined) return failure;
      const parts = [...fresh];
      fresh.clear();
      for (const part of parts) {
        const unit = auditShard(task, part);
        const came = await this.#options.known(unit.key);
        if (came !== undefined) pieces.give(part, came);
        else {
          this.#ready.push(unit);
          this.#options.onAsked(unit);
        }
      }
      const later = await settled(pieces);
      if (later !== undefined) return later;
    } while (fresh.size > 0);
    return undefined;
  }

  /** One that fails is no reason not to do the others. */
  #fail(task: AuditTask, { message }: InputError): void {
    const others = this.#ready.filter((unit) => unit.task.name !== task.name);
    this.#ready.splice(0, this.#ready.length, ...others);
    this.#failed.set(task.name, task);
    this.#news.push({ task, why: message });
  }
}

/** Lets an audit go on; what it ends with, where it cannot be done. */
async function settled(pieces: AuditPieces): Promise<InputError | undefined> {
  try {
    await pieces.settle();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
