/** @file The lines of `history.jsonl` and `births.jsonl`. */

import type { BirthRecord, Generation } from '@pareidolia/core';

/** One generation: how far the search had come. */
export interface HistoryLine extends Omit<Generation, 'births'> {
  /** Time spent on the search so far, over all sittings. */
  readonly seconds: number;
}

/** One image that took the cell of one class. */
export type BirthLine = BirthRecord;

export function historyLine({ births: _, ...statistics }: Generation, seconds: number): HistoryLine {
  return { ...statistics, seconds };
}

export function birthLines({ generation, births }: Generation): BirthLine[] {
  return births.map((birth) => ({ generation, ...birth }));
}
