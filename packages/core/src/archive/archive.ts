/** @file What every archive of elites can do. */

import type { Scores } from '../classifier/scores.ts';
import type { Random } from '../random/random.ts';

/** The holder of a cell. */
export type Elite = {
  /** The packed genome; elites of several cells may share it. */
  readonly genome: Uint8Array;
  /** The class score that won the cell, in [0, 1]. */
  readonly confidence: number;
  /** Which candidate of the run this is: its place in the order of evaluation, from 0. */
  readonly id: number;
};

/** Candidates that were made and scored, in the order of evaluation. */
export interface ScoredBatch {
  /** `N x classes` of the classifier. */
  readonly scores: Scores;
  /** The N packed genomes; views are welcome, only those of winners are copied. */
  readonly genomes: readonly Uint8Array[];
  /** The id of the first candidate; the others follow. */
  readonly firstId: number;
  /**
   * For each candidate the only class it competes for; -1 where it competes for all. All compete for all when absent.
   */
  readonly targets?: Int32Array;
  /** `N x measures`, where the archive divides what is measured; absent where it measures nothing. */
  readonly measures?: Float64Array;
}

/** A cell that got a new elite. */
export interface Replacement {
  readonly classIndex: number;
  readonly id: number;
  readonly confidence: number;
}

/** What became of a candidate: it won no cell, improved one, or filled an empty one. */
export const ADD_STATUS = { rejected: 0, improved: 1, filled: 2 } as const;

/** The result of a batch; told back to the emitters. */
export interface AddResult {
  /** For each candidate one of {@link ADD_STATUS}, judged by itself against the archive as it was before the generation. */
  readonly status: Uint8Array;
  /**
   * For each candidate the largest of score minus threshold over the cells it competed for, the thresholds as they were
   * before the generation (0 for an empty cell). Negative or 0 where it won none.
   */
  readonly improvement: Float32Array;
  /** In order of cells, and within a cell in order of time. A batch may give one cell several times. */
  readonly replacements: readonly Replacement[];
}

/** Elites by cell. */
export interface Archive {
  /**
   * The class of each cell, ascending: cell i belongs to class `classIndices[i]`. An archive that keeps several images of a class
   * names it once for each of their cells, see `bestOfClasses`.
   */
  readonly classIndices: readonly number[];
  /** The elite of each cell, `undefined` where it is empty. */
  readonly elites: readonly (Elite | undefined)[];
  /** The scores to beat, by cell, as they are now: a copy. -1 where a cell is empty. */
  thresholds(): Float32Array;
  /**
   * Tells the archive a batch. Candidates are compared one after the other, and replace where strictly greater. Only the
   * genomes of the final winners are copied.
   *
   * @param before the thresholds that status and improvement are judged against; those of now when absent
   * @throws InputError where a cell belongs to a class that the scores have no column for, or measures are missing
   */
  add(batch: ScoredBatch, before?: Float32Array): AddResult;
  /** Elites drawn uniformly from the filled cells, with replacement; none where all are empty. */
  sample(count: number, random: Random): Elite[];
  /**
   * Takes over the better elites of another archive of the same cells. Associative, and the same in any order: of equal
   * scores the smaller id wins, of equal ids the genome that comes first byte by byte.
   *
   * @throws InputError where the other one has other cells
   */
  merge(other: Pick<Archive, 'classIndices' | 'elites'>): void;
  /** Puts an elite of an earlier run back into its cell. */
  restore(cell: number, elite: Elite): void;
}
