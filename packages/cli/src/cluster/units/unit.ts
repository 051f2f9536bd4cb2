/**
 * @file The units of a plan. Each is a pure function of the plan and its key, and of what the units before it have found; so it may
 * be done anywhere, in any order, and twice.
 */

import { createHash } from 'node:crypto';
import type { AttackTask, AuditTask, ResolvedPlan, SearchTask, Task } from '../plan/resolved-plan.ts';

/** One epoch of an island. */
export interface IslandUnit {
  readonly kind: 'search';
  readonly key: string;
  readonly task: SearchTask;
  readonly island: Island;
  /** From 0. */
  readonly epoch: number;
}

/** One shard of an attack: a few images, or one perturbation for all. */
export interface AttackShard {
  readonly kind: 'attack';
  readonly key: string;
  readonly task: AttackTask;
  /** The key within the attack. */
  readonly part: string;
  readonly weight: number;
}

/** A part of the audit of one model: a unit of work as `pareidolia audit` keeps it; or the list of all of them. */
export interface AuditShard {
  readonly kind: 'audit';
  readonly key: string;
  readonly task: AuditTask;
  /** The key within the audit; `undefined` of the list, which the campaign itself writes when all parts are done. */
  readonly part: string | undefined;
}

export type Unit = IslandUnit | AttackShard | AuditShard;

/** A seed and a share of the classes. */
export interface Island {
  /** Which share. */
  readonly share: number;
  readonly classes: readonly number[];
  /** As in the plan. */
  readonly planned: number;
  /** Of its random numbers: as in the plan, where there is one share. */
  readonly seed: number;
}

/** The islands of a share, one for each seed. */
export function islandsOf(task: SearchTask, share: number): readonly Island[] {
  const classes = task.classes.slice(share * task.share, (share + 1) * task.share);
  return task.seeds.map((planned) => ({
    share,
    classes,
    planned,
    seed: sharesOf(task) === 1 ? planned : derivedSeed(planned, share),
  }));
}

export function sharesOf({ classes, share }: SearchTask): number {
  return Math.ceil(classes.length / share);
}

/** 48 bits of a hash, so that shares do not begin with the same images. */
function derivedSeed(seed: number, share: number): number {
  return createHash('sha256').update(`island ${seed} ${share}`).digest().readUIntBE(0, 6);
}

/** Epochs that an island has; `undefined` where its emitter ends by itself. */
export function epochsOf({ spec, epoch }: SearchTask): number | undefined {
  return spec.generations === undefined ? undefined : Math.ceil((spec.generations + 1) / epoch);
}

export function islandUnit(task: SearchTask, island: Island, epoch: number): IslandUnit {
  return {
    kind: 'search',
    key: `${task.name}/share-${island.share}/seed-${island.planned}/epoch-${epoch}`,
    task,
    island,
    epoch,
  };
}

export function auditShard(task: AuditTask, part: string): AuditShard {
  return { kind: 'audit', key: `${task.name}/${part}`, task, part };
}

/** The unit of a key; `undefined` where the plan has none. */
export function unitOf(plan: ResolvedPlan, key: string): Unit | undefined {
  const slash = key.indexOf('/');
  const [name, part] = slash < 0 ? [key, ''] : [key.slice(0, slash), key.slice(slash + 1)];
  const task = plan.tasks.find((each) => each.name === name);
  if (task === undefined) return undefined;
  if (task.kind === 'audit') {
    const isPart = /^[a-z]+\/./.test(part);
    if (isPart) return auditShard(task, part);
    return slash < 0 ? { kind: 'audit', key, task, part: undefined } : undefined;
  }
  if (task.kind === 'attack') {
    const found = task.units.find((unit) => unit.key === part);
    return found === undefined ? undefined : { kind: 'attack', key, task, part, weight: found.weight };
  }
  const match = /^share-(\d{1,9})\/seed-(\d{1,16})\/epoch-(\d{1,9})$/.exec(part);
  if (match === null) return undefined;
  const [share, planned, epoch] = match.slice(1).map(Number) as [number, number, number];
  if (share >= sharesOf(task) || epoch >= (epochsOf(task) ?? Number.POSITIVE_INFINITY)) return undefined;
  const island = islandsOf(task, share).find((each) => each.planned === planned);
  const unit = island === undefined ? undefined : islandUnit(task, island, epoch);
  return unit?.key === key ? unit : undefined;
}

/** The seed of a unit, as the journal notes it. */
export function seedOf(unit: Unit): number {
  return unit.kind === 'search' ? unit.island.seed : unit.task.seed;
}

/** How much work a unit is among those of its task: images, or 1. */
export function weightOf(unit: Unit): number {
  return unit.kind === 'attack' ? Math.max(1, unit.weight) : 1;
}

/** What is known of a task whose units with these keys are done: how many there are in all, where that is known, and whether that is all. */
export function knownUnits(
  task: Task,
  keys: ReadonlySet<string>,
): { readonly total: number | undefined; readonly isComplete: boolean } {
  const count = unitCount(task);
  if (task.kind === 'audit') {
    const isComplete = keys.has(task.name);
    return { total: isComplete ? keys.size : undefined, isComplete };
  }
  return { total: count, isComplete: count !== undefined && keys.size >= count };
}

/** Units of a task; `undefined` where it ends by itself, as an audit does. */
export function unitCount(task: Task): number | undefined {
  if (task.kind === 'audit') return undefined;
  if (task.kind === 'attack') return task.units.length;
  const epochs = epochsOf(task);
  return epochs === undefined ? undefined : epochs * task.seeds.length * sharesOf(task);
}
