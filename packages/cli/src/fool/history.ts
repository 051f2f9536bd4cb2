/** @file The lines of `history.jsonl` and `births.jsonl`. */

import type { BirthRecord, Generation } from '@pareidolia/core';
import { z } from 'zod';

/** One generation: how far the search had come. */
export interface HistoryLine extends Omit<Generation, 'births'> {
  /** Time spent on the search so far, over all sittings. */
  readonly seconds: number;
}

/** One image that took the cell of one class. */
export type BirthLine = BirthRecord;

const count = z.int().min(0);
const share = z.number();

/** What a line of `history.jsonl` holds. */
export const HISTORY_LINE: z.ZodType<HistoryLine> = z.object({
  generation: count,
  evaluations: count,
  replacements: count,
  mean: share,
  median: share,
  worst: share,
  shareAbove90: share,
  shareAbove99: share,
  shareAbove9999: share,
  distinctImages: count,
  filledCells: count.exactOptional(),
  fooledCells: count.exactOptional(),
  seconds: z.number(),
});

/** What a line of `births.jsonl` holds. */
export const BIRTH_LINE: z.ZodType<BirthLine> = z.object({
  generation: count,
  classIndex: count,
  id: count,
  confidence: share,
  place: count,
  parents: z.array(count),
  // Versions before this one wrote neither.
  emitter: z.string().exactOptional(),
  given: z.literal(true).exactOptional(),
});

export function historyLine({ births: _, ...statistics }: Generation, seconds: number): HistoryLine {
  return { ...statistics, seconds };
}

export function birthLines({ generation, births }: Generation): BirthLine[] {
  return births.map((birth) => ({ generation, ...birth }));
}
