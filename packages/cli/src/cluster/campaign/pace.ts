/** @file How long the rest of a campaign takes, and how many evaluations a second there are. */

import type { ResolvedPlan } from '../plan/resolved-plan.ts';
import { type AuditShard, type Unit, unitCount, weightOf } from '../units/unit.ts';

interface TaskPace {
  /** Weight that is not done; `undefined` where nobody knows how much there is. */
  left: number | undefined;
  /** Weight and seconds of what was timed, earlier sittings included. */
  weight: number;
  seconds: number;
}

/** Seconds left are those of a worker, divided by how many have worked at a time in this sitting. */
export class CampaignPace {
  readonly #tasks = new Map<string, TaskPace>();
  readonly #now: () => number;
  readonly #begin: number;
  #evaluations = 0;
  #seconds = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(plan: ResolvedPlan, now: () => number) {
    this.#now = now;
    this.#begin = now();
    for (const task of plan.tasks) {
      // What an audit takes shows as it goes on.
      if (task.kind === 'audit') continue;
      const left =
        task.kind === 'attack' ? task.units.reduce((sum, { weight }) => sum + Math.max(1, weight), 0) : unitCount(task);
      this.#tasks.set(task.name, { left, weight: 0, seconds: 0 });
    }
  }

  /** Told of a part of an audit that has to be done. */
  asked(unit: AuditShard): void {
    const kind = this.#kindOf(unit);
    kind.left = (kind.left ?? 0) + 1;
  }

  /** @param isNow whether it was done in this sitting */
  finished(unit: Unit, seconds: number, evaluations: number, isNow: boolean): void {
    const task = this.#kindOf(unit);
    const weight = weightOf(unit);
    if (task.left !== undefined) task.left = Math.max(0, task.left - weight);
    task.weight += weight;
    task.seconds += seconds;
    if (!isNow) return;
    this.#seconds += seconds;
    this.#evaluations += evaluations;
  }

  /** In this sitting. */
  get evaluationsPerSecond(): number {
    return this.#evaluations / Math.max(1e-3, this.#elapsed);
  }

  /** @param mayGrow whether there are audits that may ask for more */
  look(mayGrow: boolean): { readonly secondsLeft: number | undefined; readonly atLeast: boolean } {
    let work: number | undefined;
    let atLeast = mayGrow;
    for (const { left, weight, seconds } of this.#tasks.values()) {
      if (left === 0) continue;
      if (left === undefined || weight === 0) atLeast = true;
      else work = (work ?? 0) + (left * seconds) / weight;
    }
    const atOnce = this.#seconds / Math.max(1e-3, this.#elapsed);
    return { secondsLeft: work === undefined || this.#seconds === 0 ? undefined : work / atOnce, atLeast };
  }

  /** Units that take about as long as each other. */
  #kindOf(unit: Unit): TaskPace {
    const { name } = unit.task;
    const kind = unit.kind === 'audit' ? `${name}/${unit.part?.split('/').slice(0, 3).join('/')}` : name;
    const known = this.#tasks.get(kind) ?? { left: 0, weight: 0, seconds: 0 };
    this.#tasks.set(kind, known);
    return known;
  }

  get #elapsed(): number {
    return (this.#now() - this.#begin) / 1000;
  }
}
