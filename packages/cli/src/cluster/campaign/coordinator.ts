/**
 * @file Gives the units of a campaign away, takes their results in, and merges what islands exchange. All that it knows is in the
 * folder; so it may be killed, and goes on.
 */

import { InputError } from '@pareidolia/core';
import { DiskError } from '../../job/disk-error.ts';
import { sha256 } from '../../job/hash.ts';
import type { AuditTask, HashedPlan } from '../plan/resolved-plan.ts';
import { taskInputs } from '../plan/task-inputs.ts';
import type { FailureKind, Standing, UnitQueue } from '../queue/unit-queue.ts';
import type { ObjectStore } from '../store/store.ts';
import { readAuditPart, writeAuditIndex } from '../units/audit-object.ts';
import { mergeCells } from '../units/cells.ts';
import { readIsland, writeElites } from '../units/search-object.ts';
import { type AuditShard, type IslandUnit, islandUnit, seedOf, type Unit, unitOf } from '../units/unit.ts';
import type { UnitMessage, UnitOutcome } from '../units/unit-message.ts';
import { auditsOf, countUnits, type ReadyUnit, type Shard, shardOf, Unroller } from '../units/unroll.ts';
import { AuditUnroller, type OpenAudit } from './audit-unroller.ts';
import type { Control } from './control.ts';
import type { Ledger } from './ledger.ts';
import { ownObject } from './own-object.ts';
import { CampaignPace } from './pace.ts';

/** How often a unit is given away again whose worker was in trouble. */
const MOST_TROUBLE = 8;

/** Milliseconds between looks at the control file, and at the queue where it says nothing. */
const LOOK = 300;

/** Milliseconds that a queue has to take units back, once the campaign is stopped. */
const STOPPING = 4000;

export interface CoordinatorOptions {
  readonly plan: HashedPlan;
  readonly shard?: Shard | undefined;
  readonly ledger: Ledger;
  /** Where the campaign keeps all objects. */
  readonly objects: ObjectStore;
  readonly queue: UnitQueue;
  /** Opens what an audit takes, to see what it asks for. */
  openAudit(task: AuditTask): Promise<OpenAudit>;
  readonly version: string;
  readonly allowMixed: boolean;
  /** Units that are given away at a time, at most. */
  readonly window: number;
  /** Units that have failed before, and why. */
  readonly failures: Map<string, string>;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** What is asked of the campaign by now. */
  control(): Control;
  /** Called when failures have changed. */
  onFailures(failures: ReadonlyMap<string, string>): void;
  onUnit(unit: Unit, outcome: UnitOutcome): void;
  onStatus(standing: CoordinatorStanding): void;
  /** Something that the user should know, a sentence without a full stop. */
  onNotice(notice: string): void;
}

/** How far a campaign is. */
export interface CoordinatorStanding {
  readonly paused: boolean;
  /** Units that are known of; `undefined` where an emitter ends by itself, so that nobody knows. */
  readonly total: number | undefined;
  /** Whether an audit may ask for more. */
  readonly mayGrow: boolean;
  readonly done: number;
  readonly failed: number;
  readonly outstanding: number;
  readonly evaluations: number;
  readonly evaluationsPerSecond: number;
  readonly secondsLeft: number | undefined;
  readonly atLeast: boolean;
}

/** How it ended. */
export type CoordinatorEnding = 'done' | 'incomplete' | 'cancelled' | 'stopped';

/** A unit that was given away. */
interface Given {
  readonly ready: ReadyUnit;
  message: UnitMessage;
  trouble: number;
}

export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #unroller: Unroller;
  readonly #audits: AuditUnroller;
  readonly #auditTasks: readonly AuditTask[];
  readonly #parts = new Map<string, Map<string, string>>();
  /** Units besides those of audits. */
  readonly #count: number | undefined;
  readonly #given = new Map<string, Given>();
  /** Objects that are in the queue's store. */
  readonly #sent = new Set<string>();
  readonly #pace: CampaignPace;
  /** How many units have come to an object. */
  readonly #uses = new Map<string, number>();
  #evaluations = 0;
  #retries: number;
  /** Units to be tried again. */
  readonly #again: ReadyUnit[] = [];
  readonly #failed = new Map<string, ReadyUnit>();

  constructor(options: CoordinatorOptions) {
    const { plan, shard, ledger } = options;
    this.#options = options;
    this.#pace = new CampaignPace(plan.plan, options.now);
    for (const [key, { evaluations, object }] of ledger.entries()) {
      this.#uses.set(object, (this.#uses.get(object) ?? 0) + 1);
      const unit = unitOf(plan.plan, key);
      if (unit === undefined) throw new InputError(`The journal has a unit ${key}, which the plan has not`);
      if (unit.kind === 'audit' && unit.part !== undefined) this.#partsOf(unit.task.name).set(unit.part, object);
      this.#evaluations += evaluations;
      this.#pace.finished(unit, ledger.seconds(key), evaluations, false);
    }
    this.#unroller = new Unroller(shardOf(plan.plan, shard), ledger.known);
    this.#count = countUnits(shardOf(plan.plan, shard));
    this.#auditTasks = auditsOf(shardOf(plan.plan, shard));
    this.#audits = new AuditUnroller({
      tasks: this.#auditTasks.filter(({ name }) => ledger.get(name) === undefined),
      open: (task) => options.openAudit(task),
      known: async (key) => {
        const known = ledger.get(key);
        return known === undefined ? undefined : readAuditPart(await ownObject(known.object, this.#options.objects));
      },
      onAsked: (unit) => this.#pace.asked(unit),
    });
    this.#retries = options.control().retries;
  }

  /** @throws InputError where the results do not fit; DiskError where the folder cannot be written */
  async run(): Promise<CoordinatorEnding> {
    const { signal } = this.#options;
    const loop = this.#loop();
    // A server that does not answer is not waited for.
    const enough = whenAborted(signal).then(() => new Promise((resolve) => setTimeout(resolve, STOPPING).unref()));
    loop.catch(() => {});
    try {
      return await Promise.race([loop, enough.then((): CoordinatorEnding => 'stopped')]);
    } catch (error) {
      if (signal.aborted && error === signal.reason) return 'stopped';
      throw error;
    } finally {
      await this.#audits.dispose();
    }
  }

  async #loop(): Promise<CoordinatorEnding> {
    const { signal, control, queue } = this.#options;
    let toldAt = Number.NEGATIVE_INFINITY;
    for (;;) {
      const asked = control();
      if (asked.retries > this.#retries) {
        this.#retries = asked.retries;
        this.#retryFailed();
      }
      if (asked.cancelled || signal.aborted) {
        await this.#withdraw();
        return asked.cancelled ? 'cancelled' : 'stopped';
      }
      if (asked.paused) await this.#withdraw();
      else await this.#fill();
      if (!asked.paused && this.#given.size === 0) break;
      await unlessAborted(queue.changed(LOOK), signal);
      if (signal.aborted) continue;
      await this.#collect();
      const now = this.#options.now();
      if (now - toldAt >= LOOK) {
        toldAt = now;
        this.#options.onStatus(this.standing(asked.paused));
      }
    }
    for (const hash of this.#sent) await queue.store.forget?.(hash);
    return this.#options.failures.size > 0 ? 'incomplete' : 'done';
  }

  standing(paused: boolean): CoordinatorStanding {
    const { ledger } = this.#options;
    const mayGrow = this.#audits.left > 0;
    return {
      paused,
      total: this.#count === undefined ? undefined : this.#count + this.#auditUnits(),
      mayGrow,
      done: ledger.size,
      failed: this.#options.failures.size,
      outstanding: this.#given.size,
      evaluations: this.#evaluations,
      evaluationsPerSecond: this.#pace.evaluationsPerSecond,
      ...this.#pace.look(mayGrow),
    };
  }

  /** Units of audits that are known of: done, asked for, and the list of each. */
  #auditUnits(): number {
    const done = this.#auditTasks.map(
      ({ name }) => this.#partsOf(name).size + Number(this.#options.ledger.get(name) !== undefined),
    );
    return done.reduce((sum, count) => sum + count, 0) + this.#audits.asked + this.#audits.left + this.#audits.failed;
  }

  /** What is to be done next: first what others wait for longest. */
  async #next(): Promise<ReadyUnit | undefined> {
    const again = this.#again.shift();
    if (again !== undefined) return again;
    const part = await this.#audits.next();
    for (const task of this.#audits.takeEnded()) await this.#listParts(task);
    for (const { task, why } of this.#audits.takeFailed()) this.#noteFailure(task.name, why);
    return part === undefined ? this.#unroller.next() : { unit: part };
  }

  /** Parts of an audit that are done: hashes by their keys within it. */
  #partsOf(name: string): Map<string, string> {
    const parts = this.#parts.get(name) ?? new Map<string, string>();
    this.#parts.set(name, parts);
    return parts;
  }

  /** Ends an audit of which all parts are done. */
  async #listParts(task: AuditTask): Promise<void> {
    const { objects, ledger, queue } = this.#options;
    const parts = this.#partsOf(task.name);
    const bytes = writeAuditIndex(parts);
    const object = sha256(bytes);
    await objects.put(object, bytes);
    const [first] = parts.keys();
    const { hardware } = ledger.get(`${task.name}/${first}`)!;
    ledger.add(task.name, task.seed, 0, { object, last: true, evaluations: 0, hardware, worker: 'the campaign' });
    for (const hash of parts.values()) {
      this.#sent.delete(hash);
      await queue.store.forget?.(hash);
    }
  }

  /** Gives units away until enough are under way. */
  async #fill(): Promise<void> {
    const { window, failures, signal } = this.#options;
    while (this.#given.size < window && !signal.aborted) {
      const ready = await this.#next();
      if (ready === undefined) return;
      const { key } = ready.unit;
      if (failures.has(key)) {
        this.#failed.set(key, ready);
        continue;
      }
      const given = { ready, message: await this.#messageOf(ready), trouble: 0 };
      this.#given.set(this.#idOf(key), given);
      await this.#give(given);
    }
  }

  /** The names of a unit in queues that several campaigns share. */
  #idOf(key: string): string {
    return `${this.#options.plan.hash.slice(0, 16)}-${sha256(key).slice(0, 24)}`;
  }

  async #messageOf({ unit, previous: before, exchanged }: ReadyUnit): Promise<UnitMessage> {
    const { plan, version } = this.#options;
    const previous = unit.kind === 'audit' ? await this.#known(unit) : before;
    const elites = exchanged === undefined ? undefined : await this.#merged(unit as IslandUnit, exchanged);
    return {
      format: plan.plan.format,
      plan: plan.hash,
      key: unit.key,
      ...(previous === undefined ? {} : { previous }),
      ...(elites === undefined ? {} : { elites }),
      pareidolia: version,
      ...this.#hardware(),
    };
  }

  #hardware(): { hardware?: string } {
    const [first] = this.#options.ledger.hardware;
    return this.#options.allowMixed || first === undefined ? {} : { hardware: first };
  }

  /** What is known of an audit, as an object. */
  async #known({ task }: AuditShard): Promise<string> {
    const bytes = writeAuditIndex(this.#partsOf(task.name));
    const hash = sha256(bytes);
    await this.#options.objects.put(hash, bytes);
    return hash;
  }

  /** What islands have found together, as an object. */
  async #merged({ island }: IslandUnit, states: readonly string[]): Promise<string> {
    const { objects } = this.#options;
    const cells = island.classes.length;
    const all = [];
    for (const hash of states) all.push(readIsland(await ownObject(hash, this.#options.objects), cells).state.elites);
    const bytes = writeElites(mergeCells(all).map((elite) => elite && { ...elite, id: 0 }));
    const hash = sha256(bytes);
    await objects.put(hash, bytes);
    return hash;
  }

  async #give({ message, ready }: Given): Promise<void> {
    const { queue, plan } = this.#options;
    const { task } = ready.unit;
    const inputs = [plan.hash, ...taskInputs(plan.plan, task).map(({ sha256 }) => sha256)];
    for (const hash of [message.previous, message.elites]) if (hash !== undefined) inputs.push(hash);
    if (task.kind === 'audit') inputs.push(...this.#partsOf(task.name).values());
    for (const hash of inputs) await this.#send(hash);
    await queue.offer(this.#idOf(message.key), message);
  }

  async #send(hash: string): Promise<void> {
    const { queue, objects } = this.#options;
    if (queue.store === objects || this.#sent.has(hash)) return;
    await queue.store.put(hash, await ownObject(hash, this.#options.objects));
    this.#sent.add(hash);
  }

  /** Lets go of what only a finished unit needed; what is needed after all is sent again. */
  async #forget(unit: Unit, { previous, elites }: UnitMessage, result: string): Promise<void> {
    const { queue, objects } = this.#options;
    const others = [...this.#given.values()].map(({ message }) => message);
    const isNeeded = (hash: string): boolean =>
      others.some((other) => other.previous === hash || other.elites === hash);
    // Other parts of an audit go on from this one.
    if (unit.kind === 'audit') this.#sent.add(result);
    for (const hash of [unit.kind === 'audit' ? undefined : result, previous, elites]) {
      if (hash === undefined || isNeeded(hash)) continue;
      this.#sent.delete(hash);
      await queue.store.forget?.(hash);
      // They are made again of other results where they are needed after all.
      if (hash === elites || unit.kind === 'audit') objects.discard?.(hash);
    }
  }

  async #collect(): Promise<void> {
    const { queue, signal } = this.#options;
    for (const [id, standing] of await queue.look(new Set(this.#given.keys()))) {
      if (signal.aborted) return;
      const given = this.#given.get(id);
      if (given !== undefined) await this.#settle(id, given, standing);
    }
  }

  async #settle(id: string, given: Given, standing: Standing): Promise<void> {
    const { queue } = this.#options;
    if (standing.state === 'gone') {
      // A queue that has lost what it had: units, and objects too.
      this.#sent.clear();
      await this.#give(given);
      return;
    }
    if (standing.state === 'failed') {
      await queue.remove(id);
      await this.#failure(id, given, standing.kind, standing.why);
      return;
    }
    if (standing.state !== 'done') return;
    try {
      const problem = await this.#accept(given.ready.unit, standing.outcome);
      if (problem === undefined) {
        this.#given.delete(id);
        await queue.remove(id);
        await this.#forget(given.ready.unit, given.message, standing.outcome.object);
        return;
      }
      await queue.remove(id);
      await this.#failure(id, given, 'trouble', problem);
    } catch (error) {
      if (!(error instanceof InputError) || error instanceof DiskError) throw error;
      await queue.remove(id);
      await this.#failure(id, given, 'trouble', error.message);
    }
  }

  /** Takes a result in; says what is wrong with it where it is not taken. */
  async #accept(unit: Unit, outcome: UnitOutcome): Promise<string | undefined> {
    const { queue, objects, ledger, allowMixed } = this.#options;
    const { object, size, last, evaluations, seconds, hardware, worker } = outcome;
    const [kind] = ledger.hardware;
    if (!allowMixed && kind !== undefined && kind !== hardware) {
      return `${worker} has computed it on another processor (${hardware}) than what is finished (${kind}); results may differ in their last bits`;
    }
    const bytes = await queue.store.get(object);
    if (bytes === undefined) return `its result ${object.slice(0, 12)}... is not in ${queue.store.where}`;
    if (bytes.length !== size) return `its result has ${bytes.length} bytes instead of ${size}`;
    if (unit.kind === 'search') readIsland(bytes, unit.island.classes.length);
    const part = unit.kind === 'audit' ? readAuditPart(bytes) : undefined;
    this.#options.signal.throwIfAborted();
    await objects.put(object, bytes);
    ledger.add(unit.key, seedOf(unit), seconds, { object, last, evaluations, hardware, worker });
    this.#uses.set(object, (this.#uses.get(object) ?? 0) + 1);
    if (unit.kind === 'search') this.#discardBefore(unit);
    if (unit.kind === 'audit') {
      this.#partsOf(unit.task.name).set(unit.part!, object);
      this.#audits.finished(unit, part!);
    }
    this.#evaluations += evaluations;
    this.#pace.finished(unit, seconds, evaluations, true);
    this.#options.onUnit(unit, outcome);
    this.#unroller.finished(unit.key, { object, last });
    return undefined;
  }

  /** Removes the state that an island had two epochs ago: nothing goes on from there. */
  #discardBefore({ task, island, epoch }: IslandUnit): void {
    const { ledger, objects } = this.#options;
    const old = epoch < 2 ? undefined : ledger.get(islandUnit(task, island, epoch - 2).key)?.object;
    if (old !== undefined && this.#uses.get(old) === 1) objects.discard?.(old);
  }

  async #failure(id: string, given: Given, kind: FailureKind, why: string): Promise<void> {
    const { key } = given.ready.unit;
    if (kind !== 'refused' && given.trouble < MOST_TROUBLE) {
      if (kind === 'missing') this.#sent.clear();
      given.trouble++;
      // Its results so far may have said which processors are meant.
      given.message = await this.#messageOf(given.ready);
      await this.#give(given);
      return;
    }
    this.#given.delete(id);
    this.#failed.set(key, given.ready);
    this.#noteFailure(key, why);
  }

  #noteFailure(key: string, why: string): void {
    const { failures, onFailures, onNotice } = this.#options;
    failures.set(key, why);
    onFailures(failures);
    onNotice(`${key} has failed: ${why}`);
  }

  #retryFailed(): void {
    const { failures, onFailures } = this.#options;
    for (const [key, ready] of this.#failed) {
      failures.delete(key);
      this.#again.push(ready);
    }
    for (const { name } of this.#auditTasks) failures.delete(name);
    this.#audits.retry();
    this.#failed.clear();
    onFailures(failures);
  }

  /** Takes back what nobody has begun. */
  async #withdraw(): Promise<void> {
    const { queue } = this.#options;
    for (const [id, given] of this.#given) {
      if (!(await queue.withdraw(id))) continue;
      this.#given.delete(id);
      this.#again.push(given.ready);
    }
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Waits, but no longer than until the signal is aborted. */
async function unlessAborted(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let stop: () => void = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([waiting, aborted]);
  signal.removeEventListener('abort', stop);
}
