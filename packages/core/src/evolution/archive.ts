/**
 * @file The archive of the paper: one elite for each class. Every child is compared with the elite of *every* class, so
 * one image may hold many cells (Nguyen, Yosinski and Clune 2015, section 2.2; MAP-Elites, Mouret and Clune 2015).
 */

import type { Scores } from '../classifier/scores.ts';

/** The holder of a cell. */
export interface Elite {
  /** The packed genome; elites of several classes may share it. */
  readonly genome: Uint8Array;
  /** The class score that won the cell, in [0, 1]. */
  readonly confidence: number;
  /** Which individual of the run this is: its place in the order of evaluation, from 0. */
  readonly id: number;
}

/** A cell changing hands. */
export interface Jump {
  readonly classIndex: number;
  readonly id: number;
  readonly confidence: number;
}

/** One elite for each of the classes that are searched. */
export class EliteArchive {
  /** The classes that have a cell, ascending. */
  readonly classIndices: readonly number[];
  readonly #confidence: Float32Array;
  readonly #elites: (Elite | undefined)[];

  /** @param classIndices the output columns of the classifier that are searched */
  constructor(classIndices: readonly number[]) {
    this.classIndices = [...classIndices].sort((a, b) => a - b);
    // Below every probability, so that the first child with any score fills an empty cell.
    this.#confidence = new Float32Array(this.classIndices.length).fill(-1);
    this.#elites = new Array<Elite | undefined>(this.classIndices.length).fill(undefined);
  }

  /** The elite of each class, `undefined` where the cell is empty; in the order of {@link classIndices}. */
  get elites(): readonly (Elite | undefined)[] {
    return this.#elites;
  }

  /**
   * Tells the archive a batch. Children are compared one after the other, and replace where strictly greater; each
   * replacement is a jump. Only the genomes of the final winners are copied.
   *
   * @param scores `N x classes` of the classifier
   * @param genomes the N packed genomes; views are welcome
   * @param firstId the id of the first child; the others follow
   * @returns the jumps, by class, in order of time
   */
  tell(scores: Scores, genomes: readonly Uint8Array[], firstId: number): Jump[] {
    const { count, numClasses: columns, data } = scores;
    const jumps: Jump[] = [];
    const copies = new Map<number, Uint8Array>();
    for (let cell = 0; cell < this.classIndices.length; cell++) {
      const column = this.classIndices[cell]!;
      let best = this.#confidence[cell]!;
      let winner = -1;
      for (let row = 0, at = column; row < count; row++, at += columns) {
        const score = data[at]!;
        if (score > best) {
          best = score;
          winner = row;
          jumps.push({ classIndex: column, id: firstId + row, confidence: score });
        }
      }
      if (winner < 0) continue;
      let genome = copies.get(winner);
      if (genome === undefined) {
        genome = genomes[winner]!.slice();
        copies.set(winner, genome);
      }
      this.#confidence[cell] = best;
      this.#elites[cell] = { genome, confidence: best, id: firstId + winner };
    }
    return jumps;
  }

  /** Puts an elite of an earlier run back into its cell. */
  restore(cell: number, elite: Elite): void {
    this.#confidence[cell] = elite.confidence;
    this.#elites[cell] = elite;
  }
}
