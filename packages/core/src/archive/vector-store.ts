/** @file Where vectors are held by cell: fields of numbers, and which cells are occupied. An archive decides what may enter. */

import type { Random } from '../random/random.ts';

/** Cells with a vector and an objective each. Cells are numbered; those that are occupied are listed in order of their filling. */
export class VectorStore {
  readonly cells: number;
  readonly dimension: number;
  /** Of the occupied cells, in order of filling: a place below {@link occupied}. */
  readonly #order: Int32Array;
  /** Place of a cell in the order; -1 where it is empty. */
  readonly #places: Int32Array;
  #vectors: Float64Array;
  readonly #objectives: Float64Array;
  #occupied = 0;

  constructor(cells: number, dimension: number) {
    this.cells = cells;
    this.dimension = dimension;
    this.#order = new Int32Array(cells);
    this.#places = new Int32Array(cells).fill(-1);
    this.#objectives = new Float64Array(cells);
    this.#vectors = new Float64Array(16 * dimension);
  }

  /** How many cells are occupied. */
  get occupied(): number {
    return this.#occupied;
  }

  /** Whether a cell has a vector. */
  isOccupied(cell: number): boolean {
    return this.#places[cell]! >= 0;
  }

  /** NaN where the cell is empty. */
  objective(cell: number): number {
    const place = this.#places[cell]!;
    return place < 0 ? Number.NaN : this.#objectives[place]!;
  }

  /** The vector in an occupied cell; a view that the next {@link set} may leave behind. */
  vector(cell: number): Float64Array {
    const at = this.#places[cell]! * this.dimension;
    return this.#vectors.subarray(at, at + this.dimension);
  }

  /** Of the occupied cells; a view. */
  get occupiedCells(): Int32Array {
    return this.#order.subarray(0, this.#occupied);
  }

  /** Copies a vector into a cell. */
  set(cell: number, vector: ArrayLike<number>, objective: number): void {
    let place = this.#places[cell]!;
    if (place < 0) {
      place = this.#occupied++;
      this.#places[cell] = place;
      this.#order[place] = cell;
      if (this.#occupied * this.dimension > this.#vectors.length) {
        const grown = new Float64Array(Math.min(this.cells, 2 * this.#occupied) * this.dimension);
        grown.set(this.#vectors);
        this.#vectors = grown;
      }
    }
    this.#vectors.set(vector, place * this.dimension);
    this.#objectives[place] = objective;
  }

  /** An occupied cell, each with the same chance; `undefined` where all are empty. */
  sample(random: Pick<Random, 'integer'>): number | undefined {
    return this.#occupied === 0 ? undefined : this.#order[random.integer(this.#occupied)]!;
  }
}
