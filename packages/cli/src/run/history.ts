/** @file The lines of `history.jsonl` and `births.jsonl`. */

import type { Generation } from '@pareidolia/core';

/** One generation: how far the search had come. */
export interface HistoryLine extends Omit<Generation, 'births'> {
  /** Time spent on the search so far, over all sittings. */
  readonly seconds: number;
}

/** One image that took the cell of one class. */
export interface BirthLine {
  readonly generation: number;
  readonly classIndex: number;
  readonly id: number;
  /** The individual it descends from; `null` where it was made from nothing. */
  readonly parent: number | null;
  readonly confidence: number;
}

export function historyLine({ births: _, ...statistics }: Generation, seconds: number): HistoryLine {
  return { ...statistics, seconds };
}

export function birthLines({ generation, births }: Generation): BirthLine[] {
  return births.map(({ classIndex, id, parent, confidence }) => ({
    generation,
    classIndex,
    id,
    parent: parent ?? null,
    confidence,
  }));
}
