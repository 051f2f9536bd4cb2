/** @file What the seeds of a search came to, counted. */

import type { Sought } from '../../workbench/seek.ts';
import type { AuditSearch } from './searches.ts';

/** A search with what its seeds came to. */
export interface Searched {
  readonly search: AuditSearch;
  /** In the order of the plan's seeds; fewer where no more questions were answered. */
  readonly runs: readonly Sought[];
}

/** Places of the classes for which some seed has found an image. */
export function foundClasses(runs: readonly Sought[]): readonly number[] {
  return [...runs[0]!.first.keys()].filter((place) => runs.some(({ first }) => first[place]! > 0));
}

/** By seed: the questions to the first accepted image; infinity where there was none. */
export function firsts(runs: readonly Sought[]): readonly number[] {
  return runs.map(({ first }) => Math.min(...first.map((at) => (at > 0 ? at : Number.POSITIVE_INFINITY))));
}

/** How many classes have an image within so many questions. */
export function countAt(first: readonly number[], asked: number): number {
  return first.reduce((count, at) => count + (at > 0 && at <= asked ? 1 : 0), 0);
}
