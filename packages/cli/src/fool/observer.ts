/** @file What a search reports while it runs. */

import {
  type EmitterAccount,
  type Generation,
  type ImageShape,
  type Search,
  type SearchState,
  TimeLeft,
} from '@pareidolia/core';
import type { JobConfig } from '../job/config.ts';
import type { FoolSettings } from './settings.ts';

export interface SearchBeginning {
  readonly config: JobConfig<FoolSettings>;
  /** The job folder. */
  readonly out: string;
  /** The model's name. */
  readonly model: string;
  readonly shape: ImageShape;
  readonly resumed: boolean;
}

/** The progress of a search. */
export interface SearchProgress {
  /** Generations told, and in all, as {@link countedGenerations} counts them. */
  readonly generations: number;
  readonly total: number | undefined;
  /** Share of the search that is done, 0 to 1. */
  readonly share: number;
  /** Since this sitting began. */
  readonly evaluationsPerSecond: number;
  /** `undefined` in the first seconds. */
  readonly secondsLeft: number | undefined;
  /** The statistics of the last generation; `undefined` before the first. */
  readonly last: Generation | undefined;
  /** What was spent on whom, where the emitter is made of others; none otherwise. */
  readonly accounts: readonly EmitterAccount[];
}

export interface FoolObserver {
  begin(beginning: SearchBeginning): void;
  /** Called often: the observer chooses what to show. */
  progress(progress: () => SearchProgress): void;
  /** Something that the user should know, a sentence. */
  notice(notice: string): void;
  finishing(): void;
}

/**
 * Generations as the user counts them, who asks for so many after the first images: these are not counted.
 *
 * @param generations told, the first images included
 * @param total in all, likewise; `undefined` where the emitter ends by itself and all are counted
 */
export function countedGenerations(
  generations: number,
  total: number | undefined,
): { readonly generations: number; readonly total: number | undefined } {
  return total === undefined ? { generations, total } : { generations: Math.max(0, generations - 1), total: total - 1 };
}

/**
 * Turns generations, and shares of long ones, into progress.
 *
 * @param before where the search stood when this sitting began
 * @param current the search under way; first asked when it has told something
 */
export function observeSearch(
  observer: FoolObserver,
  before: SearchState | undefined,
  current: () => Search,
): {
  readonly onProgress: () => void;
  readonly onGeneration: (generation: Generation) => void;
} {
  const begin = performance.now();
  const evaluationsBefore = before?.evaluations ?? 0;
  const left = new TimeLeft();
  let last: Generation | undefined;
  const progress = (): SearchProgress => {
    const search = current();
    const seconds = (performance.now() - begin) / 1000;
    const share = search.progress;
    return {
      ...countedGenerations(search.scheduler.generations, search.total),
      share,
      evaluationsPerSecond: last === undefined ? 0 : (last.evaluations - evaluationsBefore) / seconds,
      secondsLeft: left.secondsLeft,
      last,
      accounts: search.emitter.accounts ?? [],
    };
  };
  const tell = (): void => {
    left.note((performance.now() - begin) / 1000, current().progress);
    observer.progress(progress);
  };
  return {
    onProgress: tell,
    onGeneration: (generation) => {
      last = generation;
      tell();
    },
  };
}
