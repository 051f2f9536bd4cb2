/**
 * @file Thresholds of acceptance that follow what a cell was given slowly, instead of jumping to its best (CMA-MAE; Fontaine and
 * Nikolaidis 2022, arXiv 2205.10752). They stand apart from who holds the cell.
 */

/** How thresholds follow. */
export interface ThresholdOptions {
  /**
   * Alpha, in [0, 1]: 1 takes over what was accepted (MAP-Elites), 0 never moves (optimization of the objective alone).
   */
  readonly learningRate: number;
  /** What an empty cell asks for. */
  readonly minimum: number;
}

/** A threshold for each cell. */
export class ThresholdField {
  readonly #options: ThresholdOptions;
  readonly #values: Float64Array;

  constructor(cells: number, options: ThresholdOptions) {
    this.#options = options;
    this.#values = new Float64Array(cells).fill(options.minimum);
  }

  /** By cell; a view. */
  get values(): Float64Array {
    return this.#values;
  }

  /**
   * Raises the thresholds of the cells that candidates were accepted in: a cell with k of them, of mean objective f, goes from t to
   * `(1 - alpha)^k t + (1 - (1 - alpha)^k) f`. A candidate is accepted where its objective is greater than the threshold.
   *
   * @param cells of N candidates
   * @param objectives of N candidates
   * @returns for each candidate the objective minus the threshold as it was before; above 0 where it was accepted
   */
  tell(cells: Int32Array, objectives: Float64Array): Float64Array {
    const improvement = objectives.map((objective, i) => objective - this.#values[cells[i]!]!);
    const sums = new Map<number, { count: number; sum: number }>();
    for (let i = 0; i < cells.length; i++) {
      if (!(improvement[i]! > 0)) continue;
      const found = sums.get(cells[i]!);
      if (found === undefined) sums.set(cells[i]!, { count: 1, sum: objectives[i]! });
      else {
        found.count++;
        found.sum += objectives[i]!;
      }
    }
    for (const [cell, { count, sum }] of sums) {
      const keep = (1 - this.#options.learningRate) ** count;
      this.#values[cell] = keep * this.#values[cell]! + (1 - keep) * (sum / count);
    }
    return improvement;
  }

  /** A copy of the values. */
  state(): Float64Array {
    return this.#values.slice();
  }

  /** Goes on from a {@link state} of a field of as many cells. */
  restore(values: Float64Array): void {
    this.#values.set(values);
  }
}
