/** @file What a run tells while it is under way. */

import type { Generation, ImageShape, SearchState } from '@pareidolia/core';
import type { RunConfig } from './config.ts';
import type { Method } from './method.ts';

export interface RunBeginning {
  readonly config: RunConfig;
  /** The run folder. */
  readonly run: string;
  readonly shape: ImageShape;
  readonly resumed: boolean;
}

/** Where a run stands. */
export interface RunProgress {
  /** Steps finished, and in all. */
  readonly generations: number;
  readonly total: number;
  /** Share of all steps that is done, that of a step under way included. */
  readonly share: number;
  /** Since this sitting began. */
  readonly evaluationsPerSecond: number;
  readonly secondsLeft: number;
  /** The statistics of the last generation; `undefined` before the first. */
  readonly last: Generation | undefined;
}

export interface FoolObserver {
  begin(beginning: RunBeginning): void;
  /** Called often: it is for the observer to choose what it shows. */
  progress(progress: () => RunProgress): void;
  finishing(): void;
}

/**
 * Turns generations, and shares of long ones, into progress.
 *
 * @param before where the run stood when this sitting began
 * @param current the method under way; first asked when it has told something
 */
export function observeGenerations(
  observer: FoolObserver,
  before: SearchState | undefined,
  current: () => Method,
): {
  readonly onStep: (share: number) => void;
  readonly onGeneration: (generation: Generation) => void;
} {
  const begin = performance.now();
  const first = before ?? { generations: 0, evaluations: 0 };
  let last: Generation | undefined;
  const progress = (share: number): RunProgress => {
    const method = current();
    const seconds = (performance.now() - begin) / 1000;
    const done = method.generations + share - first.generations;
    const left = method.total - method.generations - share;
    return {
      generations: method.generations,
      total: method.total,
      share: 1 - left / method.total,
      evaluationsPerSecond: last === undefined ? 0 : (last.evaluations - first.evaluations) / seconds,
      secondsLeft: done > 0 ? (seconds / done) * left : Number.NaN,
      last,
    };
  };
  return {
    onStep: (share) => observer.progress(() => progress(share)),
    onGeneration: (generation) => {
      last = generation;
      observer.progress(() => progress(0));
    },
  };
}
