/**
 * @file Unrolls a plan lazily: a unit is handed out when what it needs is there, and only so many are at a time, so a million units
 * are never in memory or in a queue.
 */

import type { AuditTask, ResolvedPlan, SearchTask } from '../plan/resolved-plan.ts';
import { epochsOf, type Island, type IslandUnit, islandsOf, islandUnit, sharesOf, type Unit } from './unit.ts';

/** What is known of a unit that is finished. */
export interface Finished {
  /** SHA-256 of its result. */
  readonly object: string;
  /** Whether its island needs no further epoch. */
  readonly last: boolean;
}

/** A unit with the results that it is made of. */
export interface ReadyUnit {
  readonly unit: Unit;
  /** The state of the island at the end of the epoch before. */
  readonly previous?: string;
  /** The states of all islands that it exchanges elites with, itself included, in the order of the seeds. */
  readonly exchanged?: readonly string[];
}

/** Units that depend on each other: an island, islands that exchange elites, an audit, or a single unit. A shard has whole strands. */
export type Strand =
  | { readonly kind: 'audit'; readonly task: AuditTask }
  | { readonly kind: 'islands'; readonly task: SearchTask; readonly islands: readonly Island[] }
  | { readonly kind: 'unit'; readonly unit: Unit };

/** All strands of a plan, one after the other. */
export function* strandsOf(plan: ResolvedPlan): Generator<Strand> {
  for (const task of plan.tasks) {
    if (task.kind === 'audit') yield { kind: 'audit', task };
    else if (task.kind === 'attack') {
      for (const { key, weight } of task.units) {
        yield { kind: 'unit', unit: { kind: 'attack', key: `${task.name}/${key}`, task, part: key, weight } };
      }
    } else {
      for (let share = 0; share < sharesOf(task); share++) {
        const islands = islandsOf(task, share);
        if (task.exchange) yield { kind: 'islands', task, islands };
        else for (const island of islands) yield { kind: 'islands', task, islands: [island] };
      }
    }
  }
}

/** A part of a plan for machines that know nothing of each other: every n-th strand. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** The strands of a shard; all of them where there is none. */
export function* shardOf(plan: ResolvedPlan, shard?: Shard): Generator<Strand> {
  let place = 0;
  for (const strand of strandsOf(plan)) {
    if (shard === undefined || place % shard.of === shard.index - 1) yield strand;
    place++;
  }
}

/** Units of a part of a plan, audits aside; `undefined` where nobody knows. */
export function countUnits(strands: Iterable<Strand>): number | undefined {
  let count = 0;
  for (const strand of strands) {
    if (strand.kind === 'audit') continue;
    const epochs = strand.kind === 'unit' ? 1 : epochsOf(strand.task);
    if (epochs === undefined) return undefined;
    count += epochs * (strand.kind === 'unit' ? 1 : strand.islands.length);
  }
  return count;
}

/** The audits of a part of a plan. */
export function auditsOf(strands: Iterable<Strand>): readonly AuditTask[] {
  const audits: AuditTask[] = [];
  for (const strand of strands) if (strand.kind === 'audit') audits.push(strand.task);
  return audits;
}

/** A strand that is under way. */
interface Open {
  readonly task: SearchTask;
  readonly islands: readonly Island[];
  /** Epoch under way, and where each island stands that has ended: its last result. */
  epoch: number;
  readonly results: (Finished | undefined)[];
  /** Units of the epoch that are not finished. */
  waiting: Set<string>;
}

/** Hands out the units of a plan as they become ready. */
export class Unroller {
  readonly #strands: Iterator<Strand>;
  readonly #known: (key: string) => Finished | undefined;
  readonly #ready: ReadyUnit[] = [];
  readonly #open = new Map<string, Open>();

  /** @param known what is finished already */
  constructor(strands: Iterable<Strand>, known: (key: string) => Finished | undefined) {
    this.#strands = strands[Symbol.iterator]();
    this.#known = known;
  }

  /** A unit that is ready and was not handed out; `undefined` where there is none now. */
  next(): ReadyUnit | undefined {
    while (this.#ready.length === 0) {
      const { value, done } = this.#strands.next();
      if (done === true) return undefined;
      this.#begin(value);
    }
    return this.#ready.shift();
  }

  /** Takes note that a unit is finished; others may become ready. */
  finished(key: string, result: Finished): void {
    const strand = this.#open.get(key);
    if (strand === undefined) return;
    this.#open.delete(key);
    strand.waiting.delete(key);
    const place = strand.islands.findIndex((island) => unitOfIsland(strand, island).key === key);
    strand.results[place] = result;
    this.#advance(strand);
  }

  #begin(strand: Strand): void {
    // Audits are unrolled by themselves.
    if (strand.kind === 'audit') return;
    if (strand.kind === 'unit') {
      if (this.#known(strand.unit.key) === undefined) this.#ready.push({ unit: strand.unit });
      return;
    }
    const { task, islands } = strand;
    const open: Open = { task, islands, epoch: -1, results: islands.map(() => undefined), waiting: new Set() };
    this.#advance(open);
  }

  /** Goes to the next epoch that has anything to do, once all of this one are finished. */
  #advance(strand: Open): void {
    while (strand.waiting.size === 0) {
      const before = [...strand.results];
      if (strand.epoch >= 0 && before.every((result) => result!.last)) return;
      strand.epoch++;
      const going = strand.islands.flatMap((island, place) => {
        if (before[place]?.last === true) return [];
        const unit = unitOfIsland(strand, island);
        const known = this.#known(unit.key);
        if (known === undefined) return [{ unit, place }];
        strand.results[place] = known;
        return [];
      });
      for (const { unit, place } of going) {
        strand.waiting.add(unit.key);
        this.#open.set(unit.key, strand);
        this.#ready.push(readyUnit(unit, place, before));
      }
    }
  }
}

function unitOfIsland({ task, epoch }: Pick<Open, 'task' | 'epoch'>, island: Island): IslandUnit {
  return islandUnit(task, island, epoch);
}

function readyUnit(unit: IslandUnit, place: number, before: readonly (Finished | undefined)[]): ReadyUnit {
  const previous = before[place];
  if (previous === undefined) return { unit };
  const exchanged = before.length > 1 ? { exchanged: before.map((result) => result!.object) } : {};
  return { unit, previous: previous.object, ...exchanged };
}
