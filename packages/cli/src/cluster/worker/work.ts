/**
 * @file What `pareidolia worker` does: takes units out of a queue, has them computed in another process, and says what came of them.
 * Units come from strangers as far as it knows: nothing of them is a path or an address, and nothing runs that has not the hash that
 * was asked for.
 */

import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { cacheFolder } from '../../data/folder.ts';
import { DiskError } from '../../job/disk-error.ts';
import { sha256 } from '../../job/hash.ts';
import { sentenceOf } from '../../terminal/sentence.ts';
import { VERSION } from '../../version.ts';
import { whenAborted } from '../aborted.ts';
import { type HashedPlan, parseResolvedPlan } from '../plan/resolved-plan.ts';
import { taskInputs } from '../plan/task-inputs.ts';
import { queueTrouble, readQueueAddress } from '../queue/address.ts';
import { connect } from '../queue/connection.ts';
import { openStore } from '../queue/open-queue.ts';
import { type FailureKind, failureText } from '../queue/unit-queue.ts';
import { BEAT, type WorkerRoll } from '../queue/worker-roll.ts';
import { FolderStore } from '../store/folder-store.ts';
import { StoreTroubleError } from '../store/http-store.ts';
import type { ObjectStore } from '../store/store.ts';
import { readAuditIndex } from '../units/audit-object.ts';
import { hardwareOf } from '../units/hardware.ts';
import { unitOf } from '../units/unit.ts';
import { parseUnitMessage, type UnitMessage, type UnitOutcome } from '../units/unit-message.ts';
import { type Executor, ProcessExecutor, UnitTroubleError } from './executor.ts';

export interface WorkRequest {
  readonly queue: string;
  /** A folder or an address for objects; through the queue when absent. */
  readonly store?: string;
  /** Where models and images are kept for the next time. */
  readonly cache?: string;
  readonly threads: number;
  /** Seconds after which a unit of a worker that says nothing goes to another one. */
  readonly lockSeconds: number;
  /** For display. */
  readonly name?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The processor; found out when absent. */
  readonly hardware?: string;
  /** Of this program; its own when absent. */
  readonly version?: string;
  /** Computes units; a process of its own when absent. */
  readonly executor?: Executor;
  /** How often a unit may be lost before the queue gives it up. */
  readonly maxStalledCount?: number;
}

export interface WorkObserver {
  begin(beginning: { readonly where: string; readonly hardware: string }): void;
  unit(key: string): void;
  done(key: string, seconds: number, evaluations: number): void;
  failed(key: string, why: string): void;
  /** Something that the user should know, a sentence without a full stop. */
  notice(notice: string): void;
}

/** An object that the unit needs is in no store. */
class MissingObjectError extends Error {
  override name = 'MissingObjectError';
}

/**
 * Works until the signal is aborted.
 *
 * @returns units that were done
 * @throws InputError where the queue or the store cannot be used, or units are for another version or other processors; DiskError where
 * nothing can be written: the unit under way is given back
 */
export async function work(request: WorkRequest, signal: AbortSignal, observer: WorkObserver): Promise<number> {
  const { threads, environment } = request;
  let trouble: string | undefined;
  const onTrouble = (now: string | undefined): void => {
    if (now !== trouble) observer.notice(now ?? 'The queue answers again');
    trouble = now;
  };
  const shared = request.store === undefined ? undefined : openStore(request.store, environment);
  const connection = await connect(readQueueAddress(request.queue), onTrouble);
  const { address } = connection;
  const hardware = request.hardware ?? (await hardwareOf());
  const executor = request.executor ?? new ProcessExecutor(threads);
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const whenEnded = whenAborted(ended);
  const unitWorker = new UnitWorker({
    executor,
    store: shared ?? connection.store,
    cache: new InputCache(request.cache ?? join(cacheFolder(), 'campaigns'), observer.notice),
    hardware,
    version: request.version ?? VERSION,
    // A name of a connection, too, which takes no spaces.
    name: (request.name ?? `${hostname()}-${process.pid}`).replaceAll(/[^\w.-]+/g, '-').slice(0, 100),
    signal: ended,
    whenEnded,
    observer,
    onTrouble: (error) => onTrouble(error === undefined ? undefined : queueTrouble(address, error)),
  });
  let failure: unknown;
  const worker = connection.worker(
    (job, token) =>
      unitWorker.process(job, token, (error) => {
        failure ??= error;
        stop.abort();
      }),
    {
      concurrency: 1,
      lockDuration: 1000 * request.lockSeconds,
      stalledInterval: 500 * request.lockSeconds,
      // Workers are killed; that is no fault of a unit. The campaign counts how often one is given away.
      maxStalledCount: request.maxStalledCount ?? 1000,
      runRetryDelay: 1000,
      drainDelay: 5,
      name: unitWorker.name,
    },
  );
  const told = telling(connection.roll, unitWorker, hardware);
  observer.begin({ where: address.where, hardware });
  try {
    await whenEnded;
    await told.end();
    executor.dispose();
    await Promise.race([worker.close(), new Promise((resolve) => setTimeout(resolve, 3000))]);
    if (failure !== undefined) throw failure;
    return unitWorker.done;
  } finally {
    executor.dispose();
    await connection.close();
  }
}

interface UnitWorkerOptions {
  readonly executor: Executor;
  readonly store: ObjectStore;
  readonly cache: InputCache;
  readonly hardware: string;
  readonly version: string;
  readonly name: string;
  readonly signal: AbortSignal;
  /** Resolves once the signal is aborted. */
  readonly whenEnded: Promise<void>;
  readonly observer: WorkObserver;
  onTrouble(error: unknown): void;
}

/**
 * Says every few seconds that this worker is there, and what it does. What cannot be said is no reason to end.
 *
 * @returns says that it ends
 */
function telling(roll: WorkerRoll, worker: UnitWorker, hardware: string): { end(): Promise<void> } {
  let isTelling = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = async (ended: boolean): Promise<void> => {
    // While the server is away there is one message for it, and not one for each beat.
    if (isTelling && !ended) return;
    isTelling = true;
    toldAt = performance.now();
    const { name, unit, done } = worker;
    await roll.tell(name, { hardware, unit: ended ? null : unit, done, ended }).catch(() => {});
    isTelling = false;
  };
  const timer = setInterval(() => void tell(false), BEAT);
  worker.onUnit = () => {
    // Units that take no time are not told one by one.
    if (performance.now() - toldAt > 1000) void tell(false);
  };
  void tell(false);
  return {
    end: async () => {
      clearInterval(timer);
      worker.onUnit = () => {};
      await Promise.race([tell(true), new Promise((resolve) => setTimeout(resolve, 1000))]);
    },
  };
}

/** Does one unit at a time. */
class UnitWorker {
  done = 0;
  /** What it does now. */
  unit: string | null = null;
  onUnit: () => void = () => {};
  readonly #options: UnitWorkerOptions;
  #plan: HashedPlan | undefined;

  constructor(options: UnitWorkerOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /**
   * @param end called where this worker is none for such units, or cannot go on
   * @returns what the queue keeps of a finished unit
   */
  async process(job: Job, token: string | undefined, end: (error: unknown) => void): Promise<UnitOutcome> {
    const { observer, signal } = this.#options;
    const giveBack = async (error?: unknown): Promise<never> => {
      if (error !== undefined) end(error);
      await job.moveToWait(token);
      throw new WaitingError();
    };
    let message: UnitMessage;
    try {
      message = parseUnitMessage(job.data);
    } catch (error) {
      observer.failed('a unit', sentenceOf(error));
      throw new UnrecoverableError(failureText('refused', sentenceOf(error)));
    }
    const stranger = this.#strangerTo(message);
    if (stranger !== undefined) return giveBack(new InputError(stranger));
    const { key } = message;
    observer.unit(key);
    this.#now(key);
    try {
      const outcome = await this.#run(message);
      this.done++;
      observer.done(key, outcome.seconds, outcome.evaluations);
      return outcome;
    } catch (error) {
      if (signal.aborted) return giveBack();
      if (error instanceof DiskError || error instanceof StoreTroubleError) return giveBack(error);
      const why = sentenceOf(error);
      observer.failed(key, why);
      throw new UnrecoverableError(failureText(kindOf(error), why));
    } finally {
      this.#now(null);
    }
  }

  #now(unit: string | null): void {
    this.unit = unit;
    this.onUnit();
  }

  /** Why a unit is not for this worker: a sentence without a full stop. */
  #strangerTo({ pareidolia, hardware }: UnitMessage): string | undefined {
    const { version, hardware: own } = this.#options;
    if (pareidolia !== version) {
      return `The campaign runs with Pareidolia ${pareidolia}, this worker is ${version}, whose results may differ; start it with npx pareidolia@${pareidolia} worker`;
    }
    if (hardware !== undefined && hardware !== own) {
      return `The campaign was begun on other processors (${hardware}) than this one (${own}), so last bits may differ; work on one of that kind, or start the campaign with --allow-mixed`;
    }
    return undefined;
  }

  async #run(message: UnitMessage): Promise<UnitOutcome> {
    const { executor, hardware, name } = this.#options;
    const begin = performance.now();
    const { plan } = await this.#planOf(message.plan);
    const unit = unitOf(plan, message.key);
    if (unit === undefined)
      throw new InputError(`The plan ${message.plan.slice(0, 12)} has no unit ${message.key}, so it is refused`);
    const sizes = new Map(taskInputs(plan, unit.task).map((input) => [input.sha256, input.size]));
    const moving = new Set([message.previous, message.elites]);
    // What it goes on from is on its way before it is asked for; whoever asks is told what is wrong.
    const early = new Map(
      [...moving].flatMap((hash) => (hash === undefined ? [] : [[hash, this.#fetch(hash, false)]])),
    );
    for (const arriving of early.values()) arriving.catch(() => {});
    const result = await executor.run(message, async (hash) => {
      if (hash === message.plan) return this.#plan!.bytes;
      const size = sizes.get(hash);
      if (size === undefined && !moving.has(hash))
        throw new InputError(`${message.key} asks for an object that its plan does not name`);
      const bytes = await (early.get(hash) ?? this.#fetch(hash, size !== undefined));
      // Of an audit: which parts are known, each of which may be asked for.
      if (unit.kind === 'audit' && hash === message.previous)
        for (const part of readAuditIndex(bytes).values()) moving.add(part);
      if (size !== undefined && size !== bytes.length) {
        throw new InputError(
          `${hash.slice(0, 12)}... has ${bytes.length} bytes, the plan says ${size}, so it is not used`,
        );
      }
      return bytes;
    });
    const object = sha256(result.bytes);
    await this.#patiently((store) => store.put(object, result.bytes));
    const { last, evaluations } = result;
    const seconds = (performance.now() - begin) / 1000;
    return { object, size: result.bytes.length, last, evaluations, seconds, hardware, worker: name };
  }

  async #planOf(hash: string): Promise<HashedPlan> {
    if (this.#plan?.hash !== hash) this.#plan = parseResolvedPlan(await this.#fetch(hash, true));
    return this.#plan;
  }

  /** @param isInput whether other units need it, too */
  async #fetch(hash: string, isInput: boolean): Promise<Uint8Array> {
    const { cache } = this.#options;
    const kept = isInput ? await cache.get(hash) : undefined;
    if (kept !== undefined) return kept;
    const bytes = await this.#patiently((store) => store.get(hash));
    if (bytes === undefined)
      throw new MissingObjectError(`${hash.slice(0, 12)}... is not in ${this.#options.store.where}`);
    if (isInput) await cache.put(hash, bytes);
    return bytes;
  }

  /** Tries again where the server of the queue refuses: for lack of memory, perhaps. */
  async #patiently<T>(action: (store: ObjectStore) => Promise<T>): Promise<T> {
    const { store, signal, whenEnded, onTrouble } = this.#options;
    for (let failed = false; ; failed = true) {
      signal.throwIfAborted();
      try {
        const value = await Promise.race([action(store), whenEnded.then(() => signal.throwIfAborted())]);
        if (failed) onTrouble(undefined);
        return value as T;
      } catch (error) {
        if (signal.aborted || error instanceof InputError || error instanceof DiskError) throw error;
        onTrouble(error);
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 1000)), whenEnded]);
      }
    }
  }
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof MissingObjectError) return 'missing';
  if (error instanceof UnitTroubleError) return 'trouble';
  return error instanceof InputError ? 'refused' : 'trouble';
}

/** Models and images of earlier units. Where the disk fails it is done without. */
class InputCache {
  readonly #notice: (notice: string) => void;
  #store: FolderStore | undefined;

  constructor(folder: string, notice: (notice: string) => void) {
    this.#notice = notice;
    this.#try(() => {
      this.#store = new FolderStore(folder);
    });
  }

  async get(hash: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#store?.get(hash);
    } catch (error) {
      this.#without(error);
      return undefined;
    }
  }

  async put(hash: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.#store?.put(hash, bytes);
    } catch (error) {
      this.#without(error);
    }
  }

  #try(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#without(error);
    }
  }

  #without(error: unknown): void {
    if (!(error instanceof DiskError || error instanceof InputError)) throw error;
    this.#store = undefined;
    this.#notice(`${sentenceOf(error)}; the worker goes on without its cache`);
  }
}
