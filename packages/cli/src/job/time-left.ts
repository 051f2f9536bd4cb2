/** @file How much of a job is done, and how long the rest takes at the pace so far. */

import type { WorkUnit } from './unit.ts';

/** Of the first unit of a kind, before there is an estimate. */
const TELLING_SHARE = 0.25;

interface Kind {
  /** Weight and seconds of what has been timed. */
  weight: number;
  seconds: number;
  /** Weight of what is not finished. */
  left: number;
}

/** The progress of a job. */
export interface Look {
  /** Of the job's whole weight, the unit under way included, 0 to 1. */
  readonly share: number;
  /** Weight of the units of the same kind that is done, the one under way included, and their whole weight. */
  readonly kindDone: number;
  readonly kindTotal: number;
  /** Seconds left for all units whose kind has been timed; `undefined` before any is. */
  readonly secondsLeft: number | undefined;
  /** Whether there are units of a kind that has not been timed, so that it takes longer than that. */
  readonly atLeast: boolean;
}

/**
 * Units of different kinds (attacks, say) differ in what a weight of 1 takes, so each kind has a pace of its own; a kind that
 * has not been timed gives no estimate.
 */
export class TimeLeft {
  readonly #kinds = new Map<string, Kind>();
  readonly #total: number;

  /** @param known seconds of units that are finished already; `undefined` for others */
  constructor(units: readonly WorkUnit[], known: (key: string) => number | undefined) {
    this.#total = units.reduce((sum, unit) => sum + weightOf(unit), 0);
    for (const unit of units) {
      this.#kindOf(unit).left += weightOf(unit);
      const seconds = known(unit.key);
      if (seconds !== undefined) this.finished(unit, seconds);
    }
  }

  finished(unit: WorkUnit, seconds: number): void {
    const kind = this.#kindOf(unit);
    kind.weight += weightOf(unit);
    kind.seconds += seconds;
    kind.left -= weightOf(unit);
  }

  /**
   * @param share of the unit under way that is done
   * @param seconds spent on it
   */
  look(unit: WorkUnit, share: number, seconds: number): Look {
    const current = this.#kindOf(unit);
    const under = share * weightOf(unit);
    let left = 0;
    let secondsLeft: number | undefined;
    let atLeast = false;
    for (const kind of this.#kinds.values()) {
      const own = kind === current ? under : 0;
      const rest = kind.left - own;
      left += rest;
      const weight = kind.weight + own;
      // Images of a batch that are found at once say little of those that are not.
      if (kind.weight > 0 || (own > 0 && share >= TELLING_SHARE)) {
        const spent = kind.seconds + (kind === current ? seconds : 0);
        secondsLeft = (secondsLeft ?? 0) + (spent / weight) * rest;
      } else if (rest > 0) atLeast = true;
    }
    return {
      share: 1 - left / this.#total,
      kindDone: current.weight + under,
      kindTotal: current.weight + current.left,
      secondsLeft,
      atLeast,
    };
  }

  #kindOf({ kind: name = '' }: WorkUnit): Kind {
    const kind = this.#kinds.get(name) ?? { weight: 0, seconds: 0, left: 0 };
    this.#kinds.set(name, kind);
    return kind;
  }
}

function weightOf({ weight = 1 }: WorkUnit): number {
  return weight;
}
