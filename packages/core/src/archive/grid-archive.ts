/**
 * @file Vectors by what is measured of them: one for each cell of a grid (MAP-Elites; Mouret and Clune 2015), accepted against
 * thresholds that may follow slowly (CMA-MAE; Fontaine and Nikolaidis 2022, arXiv 2205.10752).
 */

import type { Random } from '../random/random.ts';
import { ADD_STATUS } from './archive.ts';
import type { Partition } from './partition.ts';
import { ThresholdField, type ThresholdOptions } from './threshold-field.ts';
import { VectorStore } from './vector-store.ts';

/** Candidates that were evaluated. */
export interface MeasuredBatch {
  /** `N x dimension`. */
  readonly vectors: Float64Array;
  /** N; the larger the better. */
  readonly objectives: Float64Array;
  /** `N x measures`. */
  readonly measures: Float64Array;
}

/** What became of candidates. */
export interface MeasuredResult {
  /** One of `ADD_STATUS` for each candidate, judged against the archive as it was before the batch. */
  readonly status: Uint8Array;
  /** Objective minus the threshold as it was before the batch; the objective itself in an empty cell without one. */
  readonly improvement: Float64Array;
}

/** How well an archive is filled. */
export interface GridStatistics {
  /** Share of the cells that are occupied. */
  readonly coverage: number;
  /** Sum of the objectives. */
  readonly score: number;
  readonly best: number;
}

/** One vector for each cell of a grid, or of another partition. */
export class GridArchive {
  readonly grid: Partition;
  readonly store: VectorStore;
  readonly #thresholds: ThresholdField | undefined;

  /**
   * @param thresholds how acceptance follows; a cell keeps its best, and whatever comes first fills it, when absent
   */
  constructor(grid: Partition, dimension: number, thresholds?: ThresholdOptions) {
    this.grid = grid;
    this.store = new VectorStore(grid.size, dimension);
    this.#thresholds = thresholds === undefined ? undefined : new ThresholdField(grid.size, thresholds);
  }

  /**
   * Tells a batch. Of the candidates that are accepted in a cell, the best one takes it: where thresholds follow slowly, even from
   * a better one, which is why the result is kept in an archive of its own.
   */
  add({ vectors, objectives, measures }: MeasuredBatch): MeasuredResult {
    const { store, grid } = this;
    const count = objectives.length;
    const cells = Int32Array.from({ length: count }, (_, row) => grid.cellOf(measures, row));
    const occupied = Uint8Array.from(cells, (cell) => Number(store.isOccupied(cell)));
    const improvement = this.#thresholds?.tell(cells, objectives) ?? this.#overBest(cells, objectives);
    const status = new Uint8Array(count);
    const winners = new Map<number, number>();
    for (let row = 0; row < count; row++) {
      const isFirst = this.#thresholds === undefined && occupied[row] === 0;
      if (!(isFirst || improvement[row]! > 0)) continue;
      status[row] = occupied[row] === 1 ? ADD_STATUS.improved : ADD_STATUS.filled;
      const winner = winners.get(cells[row]!);
      if (winner === undefined || objectives[row]! > objectives[winner]!) winners.set(cells[row]!, row);
    }
    const n = store.dimension;
    for (const [cell, row] of winners) store.set(cell, vectors.subarray(row * n, (row + 1) * n), objectives[row]!);
    return { status, improvement };
  }

  /** The vector of a cell that is occupied, each with the same chance; `undefined` where all are empty. */
  sample(random: Pick<Random, 'integer'>): Float64Array | undefined {
    const cell = this.store.sample(random);
    return cell === undefined ? undefined : this.store.vector(cell);
  }

  /** How well it is filled now. */
  statistics(): GridStatistics {
    let [score, best] = [0, Number.NEGATIVE_INFINITY];
    for (const cell of this.store.occupiedCells) {
      const objective = this.store.objective(cell);
      score += objective;
      best = Math.max(best, objective);
    }
    return { coverage: this.store.occupied / this.grid.size, score, best };
  }

  #overBest(cells: Int32Array, objectives: Float64Array): Float64Array {
    return objectives.map((objective, row) => {
      const cell = cells[row]!;
      return this.store.isOccupied(cell) ? objective - this.store.objective(cell) : objective;
    });
  }
}
