/** @file Does one unit: opens what it needs from bytes that have the right hash, and nothing else. */

import {
  type Classifier,
  DeviceError,
  type EncodingResources,
  InputError,
  imageSize,
  openSearch,
  type Recordable,
  type Search,
  type SearchState,
  wrapped,
} from '@pareidolia/core';
import { type AuditedClassifier, type AuditOptions, audit, CHECKS } from '@pareidolia/lab';
import { chooseAttacks } from '../../attack/choice.ts';
import type { AttackContext } from '../../attack/context.ts';
import { parseEpsilons } from '../../attack/epsilon.ts';
import { UnitRunner } from '../../attack/run-unit.ts';
import { chooseTargets } from '../../attack/targets.ts';
import { type AttackUnit, unitsOf } from '../../attack/units.ts';
import { readRecordable, writeRecordable } from '../../job/recordable.ts';
import type { OpenedClassifier } from '../../model/open-classifier.ts';
import { WorkerBreeder } from '../../workers/breeder.ts';
import type { AttackTask, AuditTask, ResolvedModel, ResolvedPlan } from '../plan/resolved-plan.ts';
import { type AuditPart, readAuditIndex, readAuditPart, writeAuditPart } from './audit-object.ts';
import { AuditPieces, type PartWork, reachPart } from './audit-pieces.ts';
import { withOwnIds } from './cells.ts';
import { readRealImages, readSubjects } from './images-object.ts';
import { pack, unpack } from './pack.ts';
import { openPlannedModel, searchResources } from './planned-networks.ts';
import { readElites, readIsland, writeIsland } from './search-object.ts';
import type { AttackShard, AuditShard, IslandUnit, Unit } from './unit.ts';

/** Values of all images of a generation together, at most: they are in memory. */
const MOST_VALUES = 2 ** 31;

/** A unit that is done. */
export interface UnitResult {
  readonly bytes: Uint8Array;
  /** Whether the island needs no further epoch; true for other units. */
  readonly last: boolean;
  readonly evaluations: number;
}

/** What a unit is done with. */
export interface UnitWork {
  readonly plan: ResolvedPlan;
  readonly unit: Unit;
  /** The results that it goes on from, by their hashes. */
  readonly previous?: string | undefined;
  readonly elites?: string | undefined;
  /** Bytes by their hash, which has been checked. */
  fetch(hash: string): Promise<Uint8Array>;
  /** Told how much of it is done, 0 to 1. */
  progress(share: number): void;
}

/** Does units one after the other; networks and images that several of them need are opened once. */
export class UnitExecutor {
  readonly #threads: number;
  readonly #attacks = new Recent<{ readonly units: readonly AttackUnit[]; readonly runner: UnitRunner }>(2);
  readonly #audits = new Recent<AuditPieces>(2);
  readonly #generators = new Recent<EncodingResources>(2);
  readonly #models = new Recent<OpenedClassifier>(2, async (classifier) => {
    // They hold the network.
    await this.#attacks.clear();
    await this.#audits.clear();
    await classifier.dispose();
  });

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** @throws InputError where the unit cannot be done, the same wherever it is tried; MachineError where this machine is to blame */
  async run(work: UnitWork): Promise<UnitResult> {
    const { unit, plan } = work;
    const model = plan.models[unit.task.model]!;
    const classifier = await this.#open(model, work);
    if (unit.kind === 'search') return this.#search(unit, classifier, plan, work);
    if (unit.kind === 'attack') return this.#attack(unit, classifier, work);
    return this.#audit(unit, classifier, model, plan, work);
  }

  async dispose(): Promise<void> {
    await this.#models.clear();
  }

  async #open(model: ResolvedModel, { fetch }: UnitWork): Promise<OpenedClassifier> {
    const { sha256, weights, card } = model;
    return this.#models.get(JSON.stringify([sha256, weights, card]), () =>
      openPlannedModel(model, this.#threads, fetch),
    );
  }

  async #search(
    { task, island, epoch }: IslandUnit,
    scorer: OpenedClassifier,
    plan: ResolvedPlan,
    { previous, elites, fetch, progress }: UnitWork,
  ): Promise<UnitResult> {
    const { spec } = task;
    const values = spec.batch * imageSize(scorer.shape);
    if (values > MOST_VALUES) {
      throw new InputError(
        `${task.name}: a generation of ${spec.batch} images has ${values} values, more than 2^31; make batch smaller`,
      );
    }
    if (epoch > 0 && previous === undefined) throw new InputError(`${task.name}: epoch ${epoch} lacks the one before`);
    const threads = this.#threads;
    const cells = island.classes.length;
    const before = previous === undefined ? undefined : readIsland(await fetch(previous), cells).state;
    const state: SearchState | undefined =
      before === undefined || elites === undefined
        ? before
        : { ...before, elites: withOwnIds(readElites(await fetch(elites), cells)) };
    const own = JSON.stringify([task.generator === undefined ? null : plan.generators?.[task.generator], scorer.shape]);
    const resources = await this.#generators.get(own, () => searchResources(task, plan, scorer.shape, fetch));
    const search = openSearch(
      spec as Parameters<typeof openSearch>[0],
      {
        scorer,
        classIndices: island.classes,
        seed: island.seed,
        resources,
        ...(threads > 1 ? { breeder: (parts, seed) => new WorkerBreeder(parts, seed, threads) } : {}),
      },
      state,
    );
    try {
      await stepThrough(search, (epoch + 1) * task.epoch, (share) => progress(share));
      const after = search.scheduler.state();
      return {
        bytes: writeIsland({ state: after, done: search.isDone }),
        last: search.isDone,
        evaluations: after.evaluations - (before?.evaluations ?? 0),
      };
    } finally {
      await search.dispose();
    }
  }

  async #attack(
    { task, part }: AttackShard,
    classifier: OpenedClassifier,
    { fetch, progress }: UnitWork,
  ): Promise<UnitResult> {
    const opened = await this.#attacks.get(JSON.stringify([task, classifier.where]), async () => {
      const context = await attackContext(task, classifier, await fetch(task.subjects.sha256));
      return { units: unitsOf(context), runner: new UnitRunner(context) };
    });
    const unit = opened.units.find(({ key }) => key === part);
    if (unit === undefined) throw new InputError(`${task.name} has no part ${part}`);
    let evaluations = 0;
    const result = await opened.runner.run(unit, {
      signal: new AbortController().signal,
      progress: (share, forward) => {
        evaluations = forward;
        progress(share);
      },
    });
    return { bytes: pack({ kind: 'attack', result: writeRecordable(result) }, []), last: true, evaluations };
  }

  async #audit(
    { task, part }: AuditShard,
    classifier: OpenedClassifier,
    model: ResolvedModel,
    plan: ResolvedPlan,
    { previous, fetch }: UnitWork,
  ): Promise<UnitResult> {
    if (part === undefined) throw new InputError(`${task.name} is a list of parts, which the campaign itself makes`);
    const [name] = part.split('/');
    const checks = CHECKS.filter((check) => check.name === name);
    const own = JSON.stringify([task, name, classifier.where]);
    const begin = async (): Promise<AuditPieces> => {
      const options = await auditOptions(task, classifier, model, plan, fetch);
      return new AuditPieces((change) => audit(auditedOf(classifier, model), { ...options, checks, ...change }));
    };
    const state = previous === undefined ? new Map<string, string>() : readAuditIndex(await fetch(previous));
    const known = async (key: string): Promise<AuditPart | undefined> => {
      const hash = state.get(key);
      return hash === undefined ? undefined : readAuditPart(await fetch(hash));
    };
    let pieces = await this.#audits.get(own, begin);
    let work = await reachPart(pieces, part, known);
    if (work === undefined) {
      // It may be past it: a part is done again.
      await this.#audits.drop(own);
      pieces = await this.#audits.get(own, begin);
      work = await reachPart(pieces, part, known);
    }
    if (work === undefined) throw new InputError(`${task.name} has no part ${part}`);
    const bytes = writeAuditPart(await partOf(work));
    const came = readAuditPart(bytes);
    pieces.give(part, came);
    const { forward = 0 } = ('refused' in came ? {} : came.result) as { readonly forward?: number };
    return { bytes, last: true, evaluations: forward };
  }
}

/** Steps until so many generations are told, or the search is done. */
async function stepThrough(search: Search, generations: number, progress: (share: number) => void): Promise<void> {
  const { scheduler } = search;
  const begin = scheduler.generations;
  while (!search.isDone && scheduler.generations < generations) {
    await scheduler.step();
    progress((scheduler.generations - begin) / (generations - begin));
    // Yields to the event loop: messages are heard.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What the units of an attack share. */
export async function attackContext(
  task: AttackTask,
  classifier: OpenedClassifier,
  bytes: Uint8Array,
): Promise<AttackContext> {
  const { settings, seed } = task;
  const subjects = readSubjects(bytes, classifier.shape);
  const targets =
    settings.targeted === undefined
      ? undefined
      : await chooseTargets(settings.targeted, classifier, subjects.images, subjects.labels, seed);
  const attacks = chooseAttacks(settings.attack);
  return {
    settings,
    seed,
    attacks,
    classifier,
    account: undefined,
    subjects,
    targets,
    epsilons: parseEpsilons(settings.epsilon),
  };
}

/** The result of a shard of an attack, as the journal of `pareidolia attack` would hold it. */
export function readAttackResult(bytes: Uint8Array): Recordable {
  const { header } = unpack(bytes);
  const { kind, result } = header as { readonly kind?: unknown; readonly result?: unknown };
  if (kind !== 'attack') throw new InputError('It is no result of an attack');
  return readRecordable(result);
}

/**
 * Computes a part. What the audit takes as an answer, too, is one: that something cannot be computed for this network, wherever it is
 * tried. What is wrong with the machine (MachineError, a device that is not there) is none.
 */
export async function partOf(work: PartWork): Promise<AuditPart> {
  try {
    return { result: await work({ value: undefined, offer: () => {} }) };
  } catch (error) {
    if (error instanceof InputError && !(error instanceof DeviceError)) return { refused: error.message };
    throw error;
  }
}

/** The classifier as an audit takes it. */
export function auditedOf(classifier: OpenedClassifier, model: ResolvedModel): AuditedClassifier {
  const { origin, reading, notices } = classifier;
  return {
    ...wrapped(classifier as Classifier, {}),
    origin,
    reading,
    notices: [...new Set([...notices, ...model.notices])],
  };
}

/** What an audit is asked for, the same where it is done and where its report is written. */
export async function auditOptions(
  { settings, seed, images, outliers }: AuditTask,
  classifier: OpenedClassifier,
  model: ResolvedModel,
  plan: ResolvedPlan,
  fetch: UnitWork['fetch'],
): Promise<AuditOptions> {
  const real = images === undefined ? undefined : readRealImages(await fetch(images.sha256), classifier.shape);
  const others = outliers === undefined ? undefined : readRealImages(await fetch(outliers.sha256), classifier.shape);
  return {
    threshold: settings.threshold,
    budget: settings.budget,
    seed,
    ...(real === undefined ? {} : { images: real.images, leftOut: real.leftOut, imagesInAll: real.inAll }),
    ...(others === undefined ? {} : { outliers: others.images }),
    model: { name: model.name, kind: 'file', sha256: model.sha256, facts: [] },
    version: plan.pareidolia,
    runtime: plan.runtime,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

/** The few things that were used last. */
class Recent<T> {
  readonly #most: number;
  readonly #drop: (value: T) => Promise<void> | void;
  readonly #held = new Map<string, T>();

  constructor(most: number, drop: (value: T) => Promise<void> | void = () => {}) {
    this.#most = most;
    this.#drop = drop;
  }

  async get(key: string, make: () => Promise<T>): Promise<T> {
    const held = this.#held.get(key);
    const value = held ?? (await make());
    this.#held.delete(key);
    this.#held.set(key, value);
    for (const [oldest, old] of this.#held) {
      if (this.#held.size <= this.#most) break;
      this.#held.delete(oldest);
      await this.#drop(old);
    }
    return value;
  }

  async drop(key: string): Promise<void> {
    const held = this.#held.get(key);
    this.#held.delete(key);
    if (held !== undefined) await this.#drop(held);
  }

  async clear(): Promise<void> {
    for (const value of this.#held.values()) await this.#drop(value);
    this.#held.clear();
  }
}
