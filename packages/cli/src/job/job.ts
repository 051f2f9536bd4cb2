/**
 * @file Jobs: work that is cut into units, each of which is done once and written down, so that a job can be killed at any
 * moment and ends with the same bytes when it is resumed.
 */

import type { Recordable } from '@pareidolia/core';
import type { Checkpoint } from './checkpoint.ts';
import type { JobFolder } from './folder.ts';
import type { Journal } from './journal.ts';
import { type Look, TimeLeft } from './time-left.ts';
import type { Results, UnitContext, WorkUnit } from './unit.ts';

/** @typeParam Outcome what the command prints at the end */
export interface Job<Unit extends WorkUnit, Result extends Recordable, Outcome> {
  units(): readonly Unit[];
  /**
   * A result as it was read from the journal, which may have been tampered with.
   *
   * @throws Error where it is none of that unit
   */
  read(key: string, result: Recordable): Result;
  /** Runs a unit; the same unit gives the same result whenever and wherever it is done. */
  run(unit: Unit, context: UnitContext<Result>): Promise<Result>;
  /** Writes results and report; all of it follows from the results, and may be done again over what is there. */
  finish(results: Results<Result>): Promise<Outcome>;
}

/** How far a job is. */
export interface JobProgress<Unit extends WorkUnit> extends Look {
  readonly unit: Unit;
  /** Finished units. */
  readonly done: number;
  readonly total: number;
}

export interface RunOptions<Unit extends WorkUnit, Result extends Recordable> {
  readonly signal: AbortSignal;
  /** Called often; the observer chooses what to show. */
  readonly onProgress?: (progress: () => JobProgress<Unit>) => void;
  /** Called when a unit is in the journal. */
  readonly onUnit?: (unit: Unit, results: Results<Result>) => void | Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** How it ended: finished, or saved on the way. */
export type JobEnding<Result extends Recordable, Outcome> =
  | { readonly done: true; readonly outcome: Outcome }
  | { readonly done: false; readonly results: Results<Result>; readonly finished: number; readonly total: number };

/**
 * Runs a job to its end: the units that its journal lacks, one after the other, and then the results. Once the signal is aborted
 * the unit under way is left, and what is finished stays written.
 *
 * @throws whatever a unit throws, but for the signal's reason
 */
export async function runJob<Unit extends WorkUnit, Result extends Recordable, Outcome, Settings extends object>(
  folder: JobFolder<Settings>,
  job: Job<Unit, Result, Outcome>,
  options: RunOptions<Unit, Result>,
): Promise<JobEnding<Result, Outcome>> {
  const { signal, onProgress, onUnit, now = () => performance.now() } = options;
  const journal = folder.journal();
  const units = job.units();
  requireOrder(units);
  const results = resultsOf(journal, job);
  const time = new TimeLeft(units, (key) => journal.seconds(key));
  let done = units.filter(({ key }) => journal.has(key)).length;
  for (const unit of units) {
    if (journal.has(unit.key)) {
      folder.discardCheckpoint(unit.key);
      continue;
    }
    const begin = now();
    const context = {
      results,
      progress: (share: number): void =>
        onProgress?.(() => ({
          unit,
          done,
          total: units.length,
          ...time.look(unit, share, (now() - begin) / 1000),
        })),
    };
    try {
      const seconds = await runUnit(folder, journal, unit, { signal, now }, (checkpoint) =>
        job.run(unit, { ...context, signal, checkpoint }),
      );
      done++;
      time.finished(unit, seconds);
      await onUnit?.(unit, results);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      // Even where no unit is finished yet: the user is told how to go on.
      folder.keep();
      return { done: false, results, finished: done, total: units.length };
    }
  }
  return { done: true, outcome: await job.finish(results) };
}

/**
 * Does one unit and writes it down. By itself this serves jobs whose units are found on the way and not listed before.
 *
 * @param journalName of the journal, which the unit's checkpoint is named after
 * @returns the seconds that the unit took; earlier sittings count as far as its checkpoint knows of them
 */
export async function runUnit<Settings extends object>(
  folder: JobFolder<Settings>,
  journal: Journal,
  { key, seed }: { readonly key: string; readonly seed?: number },
  {
    signal,
    now,
    journalName,
  }: { readonly signal: AbortSignal; readonly now: () => number; readonly journalName?: string },
  work: (checkpoint: Checkpoint) => Promise<Recordable>,
): Promise<number> {
  // Yields to the event loop, so that Ctrl-C is handled.
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
  const checkpoint = folder.checkpoint(key, {
    signal,
    now,
    ...(journalName === undefined ? {} : { journal: journalName }),
  });
  const result = await work(checkpoint).catch((error: unknown) => {
    // A checkpoint can be whole, and yet none of this unit's: its values are found out where they are used.
    if (checkpoint.value !== undefined && isTypeFault(error)) throw checkpoint.damaged(error);
    throw error;
  });
  const { seconds } = checkpoint;
  journal.add({ key, ...(seed === undefined ? {} : { seed }), seconds, result });
  checkpoint.discard();
  return seconds;
}

/** Whether an error is what values of the wrong type or size lead to. */
export function isTypeFault(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError;
}

function resultsOf<Result extends Recordable>(
  journal: Journal,
  job: Pick<Job<WorkUnit, Result, unknown>, 'read'>,
): Results<Result> {
  return {
    has: (key) => journal.has(key),
    of: (key) => {
      const result = journal.result(key);
      if (result === undefined) throw new Error(`Unit ${key} is not finished`);
      try {
        return job.read(key, result);
      } catch (cause) {
        throw journal.damaged(key, cause);
      }
    },
    seconds: (key) => journal.seconds(key) ?? 0,
  };
}

/** Keys are unique, and what is needed comes first. */
function requireOrder(units: readonly WorkUnit[]): void {
  const seen = new Set<string>();
  for (const { key, needs } of units) {
    if (seen.has(key)) throw new Error(`Two units are called ${key}`);
    const missing = needs?.find((need) => !seen.has(need));
    if (missing !== undefined) throw new Error(`Unit ${key} needs ${missing}, which does not come before it`);
    seen.add(key);
  }
}
