/** @file What a job is cut into. */

import type { Recordable } from '@pareidolia/core';
import type { Checkpoint } from './checkpoint.ts';

/**
 * A piece of work that can be done by itself: on any thread or machine that has the job's inputs, and in any order, but for the
 * units that it {@link needs}.
 *
 * All that is random in it comes from `Random.stream(unit.seed, purpose, ...place)`, where the purpose is a constant of the
 * algorithm and the place says what is drawn for (the image's number among all, the epoch, the generation), never when or in
 * which unit it is drawn: how work is cut into units changes no result.
 */
export interface WorkUnit {
  /** Names it within its job; results are written down under it. */
  readonly key: string;
  readonly seed: number;
  /** Its share of the work, for progress; 1 when absent. */
  readonly weight?: number;
  /** Units of one kind take about as long for the same weight; the time left is told by kind. */
  readonly kind?: string;
  /** Keys of units whose results it reads; they come before it in the list. */
  readonly needs?: readonly string[];
}

/** What a unit is given while it runs. */
export interface UnitContext<Result extends Recordable> {
  /** Once aborted, the unit may save itself in its checkpoint and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Where it was left, and where it can say how far it is. */
  readonly checkpoint: Checkpoint;
  /** Results of the units that it needs. */
  readonly results: Results<Result>;
  /** Says how much of the unit is done, 0 to 1. */
  progress(share: number): void;
}

/** Results of finished units, read from the journal when they are asked for. */
export interface Results<Result extends Recordable> {
  has(key: string): boolean;
  /** @throws Error where the unit is not finished */
  of(key: string): Result;
  /** What the unit took. */
  seconds(key: string): number;
}
