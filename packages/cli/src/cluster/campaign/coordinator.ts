/**
 * @file Gives the units of a campaign away, takes their results in, and merges what islands exchange. All that it knows is in the
 * folder; so it may be killed, and goes on.
 */

import { InputError } from '@pareidolia/core';
import { DiskError } from '../../job/disk-error.ts';
import { sha256 } from '../../job/hash.ts';
import { unlessAborted, whenAborted } from '../aborted.ts';
import type { AuditTask, HashedPlan } from '../plan/resolved-plan.ts';
import { taskInputs } from '../plan/task-inputs.ts';
import type { FailureKind, Standing, UnitQueue } from '../queue/unit-queue.ts';
import type { ObjectStore } from '../store/store.ts';
import { type AuditPart, readAuditPart } from '../units/audit-object.ts';
import { type IslandUnit, islandUnit, seedOf, type Unit, unitOf } from '../units/unit.ts';
import type { UnitMessage, UnitOutcome } from '../units/unit-message.ts';
import { auditsOf, countUnits, type ReadyUnit, type Shard, shardOf, Unroller } from '../units/unroll.ts';
import { AuditParts } from './audit-parts.ts';
import { AuditUnroller, type OpenAudit } from './audit-unroller.ts';
import type { Control } from './control.ts';
import { IslandMerger } from './island-merger.ts';
import type { Ledger } from './ledger.ts';
import { ownObject } from './own-object.ts';
import { CampaignPace } from './pace.ts';
import { SentObjects } from './sent-objects.ts';
import { fetchResult, otherHardware } from './unit-results.ts';

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

/** The result of a unit. */
interface Taken {
  readonly given: Given;
  readonly outcome: UnitOutcome;
  /** What it is, of an audit. */
  readonly part: AuditPart | undefined;
}

export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #unroller: Unroller;
  readonly #audits: AuditUnroller;
  readonly #auditTasks: readonly AuditTask[];
  readonly #parts: AuditParts;
  /** Units besides those of audits. */
  readonly #count: number | undefined;
  readonly #given = new Map<string, Given>();
  /** Units that were taken in, and of which the queue has not been told. */
  readonly #taken = new Map<string, Taken>();
  readonly #sent: SentObjects;
  readonly #merger: IslandMerger;
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
    this.#sent = new SentObjects(options.objects, options.queue.store);
    this.#merger = new IslandMerger(options.objects);
    this.#parts = new AuditParts(options.objects);
    this.#pace = new CampaignPace(plan.plan, options.now);
    for (const [key, { evaluations, object }] of ledger.entries()) {
      this.#uses.set(object, (this.#uses.get(object) ?? 0) + 1);
      const unit = unitOf(plan.plan, key);
      if (unit === undefined) throw new InputError(`The journal has a unit ${key}, which the plan has not`);
      if (unit.kind === 'audit' && unit.part !== undefined) this.#parts.add(unit, object);
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
        await this.#tidy();
        await this.#withdraw();
        return asked.cancelled ? 'cancelled' : 'stopped';
      }
      if (asked.paused) await this.#withdraw();
      else await this.#fill();
      // What follows from results is under way before the queue lets go of them.
      const tidying = this.#tidy();
      tidying.catch(() => {});
      if (!asked.paused && this.#given.size === 0) {
        await tidying;
        break;
      }
      await unlessAborted(queue.changed(LOOK), signal);
      await tidying;
      if (signal.aborted) continue;
      await this.#collect();
      const now = this.#options.now();
      if (now - toldAt >= LOOK) {
        toldAt = now;
        this.#options.onStatus(this.standing(asked.paused));
      }
    }
    await this.#sent.forgetAll();
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
      ({ name }) => this.#parts.of(name).size + Number(this.#options.ledger.get(name) !== undefined),
    );
    return done.reduce((sum, count) => sum + count, 0) + this.#audits.asked + this.#audits.left + this.#audits.failed;
  }

  /** What is to be done next: first what others wait for longest. */
  async #next(): Promise<ReadyUnit | undefined> {
    const again = this.#again.shift();
    if (again !== undefined) return again;
    const part = await this.#audits.next();
    for (const task of this.#audits.takeEnded()) {
      if (this.#parts.of(task.name).size > 0) await this.#listParts(task);
      else this.#noteFailure(task.name, 'the audit has asked for nothing, so there is nothing to report');
    }
    for (const { task, why } of this.#audits.takeFailed()) this.#noteFailure(task.name, why);
    return part === undefined ? this.#unroller.next() : { unit: part };
  }

  /** Ends an audit of which all parts are done. */
  async #listParts(task: AuditTask): Promise<void> {
    const { ledger } = this.#options;
    const parts = this.#parts.of(task.name);
    const object = await this.#parts.list(task.name, true);
    const [first] = parts.keys();
    const { hardware } = ledger.get(`${task.name}/${first}`)!;
    ledger.add(task.name, task.seed, 0, { object, last: true, evaluations: 0, hardware, worker: 'the campaign' });
    await this.#sent.forget([...parts.values()]);
  }

  /** Gives units away until enough are under way. */
  async #fill(): Promise<void> {
    const { window, failures, signal } = this.#options;
    const giving: Promise<void>[] = [];
    while (this.#given.size < window && !signal.aborted) {
      const ready = await this.#next();
      if (ready === undefined) break;
      const { key } = ready.unit;
      if (failures.has(key)) {
        this.#failed.set(key, ready);
        continue;
      }
      const given = { ready, message: await this.#messageOf(ready), trouble: 0 };
      this.#given.set(this.#idOf(key), given);
      giving.push(this.#give(given));
      giving.at(-1)!.catch(() => {});
    }
    await Promise.all(giving);
  }

  /** The names of a unit in queues that several campaigns share. */
  #idOf(key: string): string {
    return `${this.#options.plan.hash.slice(0, 16)}-${sha256(key).slice(0, 24)}`;
  }

  async #messageOf({ unit, previous: before, exchanged }: ReadyUnit): Promise<UnitMessage> {
    const { plan, version } = this.#options;
    const previous = unit.kind === 'audit' ? await this.#parts.list(unit.task.name, false) : before;
    const elites =
      exchanged === undefined ? undefined : await this.#merger.merge((unit as IslandUnit).island, exchanged);
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

  async #give({ message, ready }: Given): Promise<void> {
    const { queue, plan } = this.#options;
    const { task } = ready.unit;
    const inputs = [plan.hash, ...taskInputs(plan.plan, task).map(({ sha256 }) => sha256)];
    for (const hash of [message.previous, message.elites]) if (hash !== undefined) inputs.push(hash);
    if (task.kind === 'audit') inputs.push(...this.#parts.of(task.name).values());
    await this.#sent.send(inputs);
    await queue.offer(this.#idOf(message.key), message);
  }

  /** Lets the queue go of units that were taken in, and of what only they needed. */
  async #tidy(): Promise<void> {
    const { queue, objects } = this.#options;
    const taken = [...this.#taken];
    this.#taken.clear();
    const needed = new Set([...this.#given.values()].flatMap(({ message }) => [message.previous, message.elites]));
    const idle = new Set<string>();
    for (const [, { given, outcome }] of taken) {
      const { unit } = given.ready;
      const { previous, elites } = given.message;
      // Other parts of an audit go on from this one.
      for (const hash of [unit.kind === 'audit' ? undefined : outcome.object, previous, elites]) {
        if (hash === undefined || needed.has(hash)) continue;
        idle.add(hash);
        // They are made again of other results where they are needed after all.
        if (hash === elites || unit.kind === 'audit') objects.discard?.(hash);
      }
    }
    await Promise.all([...taken.map(([id]) => queue.remove(id)), this.#sent.forget([...idle])]);
  }

  async #collect(): Promise<void> {
    const { queue, signal } = this.#options;
    const standings = [...(await queue.look(new Set(this.#given.keys())))];
    const arrived = await Promise.all(standings.map(([id, standing]) => this.#settle(id, standing)));
    if (signal.aborted) return;
    await this.#takeIn(arrived.filter((each) => each !== undefined));
  }

  /** @returns the result of a unit, where that is there */
  async #settle(id: string, standing: Standing): Promise<readonly [id: string, taken: Taken] | undefined> {
    const { queue } = this.#options;
    const given = this.#given.get(id);
    if (given === undefined) return undefined;
    if (standing.state === 'gone') {
      // A queue that has lost what it had: units, and objects too.
      this.#sent.lost();
      await this.#give(given);
      return undefined;
    }
    if (standing.state === 'failed') {
      await queue.remove(id);
      await this.#failure(id, given, standing.kind, standing.why);
      return undefined;
    }
    if (standing.state !== 'done') return undefined;
    try {
      const fetched = await fetchResult(given.ready.unit, standing.outcome, this.#options);
      if (typeof fetched !== 'string') return [id, { given, outcome: standing.outcome, ...fetched }];
      await queue.remove(id);
      await this.#failure(id, given, 'trouble', fetched);
    } catch (error) {
      if (!(error instanceof InputError) || error instanceof DiskError) throw error;
      await queue.remove(id);
      await this.#failure(id, given, 'trouble', error.message);
    }
    return undefined;
  }

  /** Writes results down that are in the folder, all at once, and goes on from them. */
  async #takeIn(arrived: readonly (readonly [id: string, taken: Taken])[]): Promise<void> {
    const { ledger, allowMixed, onUnit, queue } = this.#options;
    // Where nothing is finished the first of them says which processors are meant.
    const kind = allowMixed ? undefined : (ledger.hardware[0] ?? arrived[0]?.[1].outcome.hardware);
    const others = arrived.filter(([, { outcome }]) => kind !== undefined && outcome.hardware !== kind);
    const taken = arrived.filter((each) => !others.includes(each));
    ledger.addAll(
      taken.map(([, { given, outcome }]) => {
        const { object, last, evaluations, seconds, hardware, worker } = outcome;
        const { unit } = given.ready;
        const entry = { object, last, evaluations, hardware, worker };
        return { key: unit.key, seed: seedOf(unit), seconds, entry };
      }),
    );
    for (const [id, each] of taken) {
      const { unit } = each.given.ready;
      const { object, last, evaluations, seconds } = each.outcome;
      this.#given.delete(id);
      this.#taken.set(id, each);
      this.#sent.isThere(object);
      this.#uses.set(object, (this.#uses.get(object) ?? 0) + 1);
      if (unit.kind === 'search') this.#discardBefore(unit);
      if (unit.kind === 'audit') {
        this.#parts.add(unit, object);
        this.#audits.finished(unit, each.part!);
      }
      this.#evaluations += evaluations;
      this.#pace.finished(unit, seconds, evaluations, true);
      onUnit(unit, each.outcome);
      this.#unroller.finished(unit.key, { object, last });
    }
    for (const [id, { given, outcome }] of others) {
      await queue.remove(id);
      await this.#failure(id, given, 'trouble', otherHardware(outcome, this.#options)!);
    }
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
      if (kind === 'missing') this.#sent.lost();
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
