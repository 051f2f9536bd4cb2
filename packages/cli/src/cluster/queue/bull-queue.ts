/** @file Units through BullMQ, on Redis or PostgreSQL. */

import type { Job, Queue } from 'bullmq';
import type { ObjectStore } from '../store/store.ts';
import { parseOutcome, type UnitMessage } from '../units/unit-message.ts';
import { queueTrouble } from './address.ts';
import type { OnTrouble, QueueConnection } from './connection.ts';
import { parseFailure, type QueueCounts, type Standing, type UnitQueue } from './unit-queue.ts';
import type { WorkerSeen } from './worker-roll.ts';

/** Milliseconds after which all units are looked at, whatever the queue has told. */
const SWEEP = 5000;

/** The same where the queue tells nothing. */
const QUIET_SWEEP = 250;

/** Seconds between two looks at who works. */
const ROLL = 2;

/** Milliseconds between attempts where the server refuses. */
const PAUSE = 1000;

/** Seconds that results are kept for a campaign that is not running. */
const WEEK = 7 * 24 * 3600;

export class BullQueue implements UnitQueue {
  readonly where: string;
  readonly store: ObjectStore;
  readonly #connection: QueueConnection;
  readonly #queue: Queue;
  readonly #onTrouble: OnTrouble;
  readonly #onClose: () => Promise<void>;
  readonly #touched = new Set<string>();
  /** What the queue has told of finished units by itself, so that it need not be asked. */
  readonly #told = new Map<string, unknown>();
  readonly #sweep: number;
  #swept = performance.now();
  #wake: () => void = () => {};
  #isClosed = false;
  #rolled: { readonly at: number; readonly workers: readonly WorkerSeen[] } = {
    at: Number.NEGATIVE_INFINITY,
    workers: [],
  };

  /** @param store that of the connection, or another that all workers reach */
  constructor(
    connection: QueueConnection,
    store: ObjectStore,
    onTrouble: OnTrouble,
    onClose: () => Promise<void> = async () => {},
  ) {
    this.where = connection.address.where;
    this.#connection = connection;
    this.#onTrouble = onTrouble;
    this.#onClose = onClose;
    this.#queue = connection.queue();
    const events = connection.events?.();
    this.#sweep = events === undefined ? QUIET_SWEEP : SWEEP;
    this.store = patientStore(store, (action) => this.#patiently(action));
    const heard = ({ jobId, returnvalue }: { jobId: string; returnvalue?: unknown }): void => {
      if (returnvalue !== undefined) this.#told.set(jobId, returnvalue);
      this.#touched.add(jobId);
      this.#wake();
    };
    events?.on('completed', heard);
    events?.on('failed', ({ jobId }) => heard({ jobId }));
  }

  /** BullMQ's metrics of the queue, for Prometheus. */
  metrics(): Promise<string> {
    return this.#queue.exportPrometheusMetrics();
  }

  async offer(id: string, message: UnitMessage): Promise<void> {
    const keep = { age: WEEK };
    await this.#patiently(() =>
      this.#queue.add('unit', message, { jobId: id, attempts: 1, removeOnComplete: keep, removeOnFail: keep }),
    );
    // It may have been there before, and be done.
    this.#touched.add(id);
  }

  async look(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Standing>> {
    const now = performance.now();
    if (now - this.#swept >= this.#sweep) {
      this.#swept = now;
      for (const id of ids) this.#touched.add(id);
    }
    const wanted = [...this.#touched].filter((id) => ids.has(id));
    this.#touched.clear();
    const told = new Map(this.#told);
    this.#told.clear();
    const found = new Map<string, Standing>();
    await Promise.all(
      wanted.map(async (id) => {
        if (told.has(id)) return void found.set(id, doneAs(told.get(id)));
        const job = await this.#patiently(() => this.#queue.getJob(id));
        found.set(id, standingOf(job));
      }),
    );
    return found;
  }

  async remove(id: string): Promise<void> {
    await this.#patiently(() => this.#queue.remove(id));
  }

  async withdraw(id: string): Promise<boolean> {
    const state = await this.#patiently(() => this.#queue.getJobState(id));
    if (state === 'unknown') return true;
    if (state !== 'waiting' && state !== 'delayed' && state !== 'prioritized') return false;
    return (await this.#patiently(() => this.#queue.remove(id))) === 1;
  }

  async changed(most: number): Promise<void> {
    if (this.#touched.size > 0) return;
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
    // Some clients never answer once they are closed.
    if (this.#isClosed) return { waiting: 0, active: 0 };
    const counts = await this.#queue.getJobCounts('waiting', 'delayed', 'active');
    return { waiting: (counts.waiting ?? 0) + (counts.delayed ?? 0), active: counts.active ?? 0 };
  }

  async workers(): Promise<readonly WorkerSeen[]> {
    const age = (performance.now() - this.#rolled.at) / 1000;
    if (this.#isClosed || age < ROLL) return later(this.#rolled.workers, age);
    const workers = await this.#connection.roll.look();
    this.#rolled = { at: performance.now(), workers };
    return workers;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wake();
    await this.#onClose();
    await this.#connection.close();
  }

  /** Tries again until the server takes it: what it refuses now, for lack of memory perhaps, it takes later. */
  async #patiently<T>(action: () => Promise<T>): Promise<T> {
    for (let failed = false; ; failed = true) {
      try {
        const value = await action();
        if (failed) this.#onTrouble(undefined);
        return value;
      } catch (error) {
        if (this.#isClosed || !isServers(error)) throw error;
        this.#onTrouble(queueTrouble(this.#connection.address, error));
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  }
}

/** Whether the server or the way to it is to blame, and not what was asked of it. */
function isServers(error: unknown): boolean {
  return error instanceof Error && error.name !== 'InputError' && error.name !== 'StoreTroubleError';
}

function patientStore(store: ObjectStore, patiently: <T>(action: () => Promise<T>) => Promise<T>): ObjectStore {
  const { forget } = store;
  return {
    where: store.where,
    most: store.most,
    get: (hash) => patiently(() => store.get(hash)),
    put: (hash, bytes) => patiently(() => store.put(hash, bytes)),
    ...(forget === undefined ? {} : { forget: (hash) => patiently(() => forget.call(store, hash)) }),
  };
}

/** The same workers so many seconds later. */
function later(workers: readonly WorkerSeen[], seconds: number): readonly WorkerSeen[] {
  return workers.map((worker) => ({ ...worker, secondsAgo: worker.secondsAgo + seconds }));
}

function standingOf(job: Job | undefined): Standing {
  if (job === undefined) return { state: 'gone' };
  if (job.finishedOn === undefined || job.finishedOn === null) return { state: 'waiting' };
  if (job.failedReason) return { state: 'failed', ...parseFailure(job.failedReason) };
  return doneAs(job.returnvalue);
}

/** @param value what a worker has said of a finished unit */
function doneAs(value: unknown): Standing {
  try {
    return { state: 'done', outcome: parseOutcome(value) };
  } catch (error) {
    return { state: 'failed', kind: 'trouble', why: (error as Error).message };
  }
}
