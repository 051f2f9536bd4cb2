/** @file The covariance of a search distribution, whole or its diagonal only. */

import type { Parents } from './parents.ts';
import { symmetricProducts, symmetricRoots, symmetricUpdate } from './symmetric.ts';

/** Where draws lie, and the bounds of every number of them. */
export interface Place {
  readonly mean: Float64Array;
  readonly sigma: number;
  readonly lower: number;
  readonly upper: number;
}

/** How much of each part there is in an adapted matrix. */
export interface Rates {
  readonly keep: number;
  readonly rankOne: number;
  readonly scale: number;
}

/** A symmetric positive definite matrix that is adapted. Vectors are Float64Array of the dimension. */
export interface Covariance {
  /** Turns rows of standard normal numbers into draws, `mean + sigma C^(1/2) z`, clipped, in place. */
  place(rows: Float64Array, where: Place): void;
  /** `C^(-1/2) y` into `out`. */
  whiten(y: Float64Array, out: Float64Array): void;
  /**
   * `C <- keep C + rankOne p p' + scale sum_k w_k y_k y_k'`, with the steps y of the parents.
   *
   * @param squares the diagonal of that sum, without the scale
   */
  adapt(rates: Rates, path: Float64Array, parents: Parents, squares: Float64Array): void;
  /** Brings {@link place} and {@link whiten} up to date with what was adapted. */
  refresh(): void;
  /** Largest over smallest eigenvalue, as of the last {@link refresh}. */
  readonly condition: number;
  /** The largest eigenvalue, as of the last {@link refresh}. */
  readonly largest: number;
  /** The matrix row by row, or its diagonal; a copy. */
  values(): Float64Array;
  /** What `restore` takes: the matrix and, where it is not up to date, its decomposition. */
  state(): Float64Array;
  restore(state: Float64Array): void;
}

/** Only the diagonal (sep-CMA-ES; Ros and Hansen 2008): linear in the dimension. */
export class DiagonalCovariance implements Covariance {
  readonly #variances: Float64Array;
  readonly #deviations: Float64Array;

  constructor(dimension: number) {
    this.#variances = new Float64Array(dimension).fill(1);
    this.#deviations = new Float64Array(dimension).fill(1);
  }

  place(rows: Float64Array, { mean, sigma, lower, upper }: Place): void {
    const deviations = this.#deviations;
    const n = deviations.length;
    for (let at = 0; at < rows.length; ) {
      for (let i = 0; i < n; i++, at++) {
        rows[at] = Math.min(upper, Math.max(lower, mean[i]! + sigma * (deviations[i]! * rows[at]!)));
      }
    }
  }

  whiten(y: Float64Array, out: Float64Array): void {
    const deviations = this.#deviations;
    for (let i = 0; i < y.length; i++) out[i] = y[i]! / deviations[i]!;
  }

  adapt({ keep, rankOne, scale }: Rates, path: Float64Array, _: Parents, squares: Float64Array): void {
    const variances = this.#variances;
    for (let i = 0; i < variances.length; i++) {
      variances[i] = keep * variances[i]! + rankOne * path[i]! * path[i]! + scale * squares[i]!;
    }
  }

  refresh(): void {
    for (let i = 0; i < this.#variances.length; i++) this.#deviations[i] = Math.sqrt(this.#variances[i]!);
  }

  get condition(): number {
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    for (const deviation of this.#deviations) {
      if (deviation < least) least = deviation;
      if (deviation > most) most = deviation;
    }
    return (most / least) ** 2;
  }

  get largest(): number {
    return this.#deviations.reduce((most, deviation) => Math.max(most, deviation), 0) ** 2;
  }

  values(): Float64Array {
    return this.#variances.slice();
  }

  state(): Float64Array {
    const n = this.#variances.length;
    const state = new Float64Array(2 * n);
    state.set(this.#variances);
    state.set(this.#deviations, n);
    return state;
  }

  restore(state: Float64Array): void {
    const n = this.#variances.length;
    this.#variances.set(state.subarray(0, n));
    this.#deviations.set(state.subarray(n, 2 * n));
  }
}

/** The whole matrix, by its eigenvectors: quadratic in the dimension, and cubic at each {@link refresh}. */
export class FullCovariance implements Covariance {
  readonly #n: number;
  /** Row by row; always symmetric. */
  readonly #matrix: Float64Array;
  /** The symmetric `C^(1/2)` and `C^(-1/2)`, which unlike `B D` depend on no signs and no order of eigenvectors. */
  readonly #root: Float64Array;
  readonly #inverse: Float64Array;
  #extremes: readonly [least: number, most: number] = [1, 1];

  constructor(dimension: number) {
    this.#n = dimension;
    this.#matrix = new Float64Array(dimension * dimension);
    for (let i = 0; i < dimension; i++) this.#matrix[i * dimension + i] = 1;
    this.#root = this.#matrix.slice();
    this.#inverse = this.#matrix.slice();
  }

  place(rows: Float64Array, { mean, sigma, lower, upper }: Place): void {
    const n = this.#n;
    symmetricProducts(this.#root, rows, rows);
    for (let at = 0; at < rows.length; ) {
      for (let i = 0; i < n; i++, at++) rows[at] = Math.min(upper, Math.max(lower, mean[i]! + sigma * rows[at]!));
    }
  }

  whiten(y: Float64Array, out: Float64Array): void {
    symmetricProducts(this.#inverse, y, out);
  }

  adapt({ keep, rankOne, scale }: Rates, path: Float64Array, parents: Parents): void {
    const n = this.#n;
    const { draws, order, weights, mean } = parents;
    const rows = new Float64Array((weights.length + 1) * n);
    rows.set(path);
    for (let k = 0, at = n; k < weights.length; k++) {
      const from = order[k]! * n;
      for (let i = 0; i < n; i++, at++) rows[at] = draws[from + i]! - mean[i]!;
    }
    const shares = new Float64Array(weights.length + 1);
    shares[0] = rankOne;
    for (let k = 0; k < weights.length; k++) shares[k + 1] = scale * weights[k]!;
    symmetricUpdate(this.#matrix, keep, rows, shares);
  }

  refresh(): void {
    this.#extremes = symmetricRoots(this.#matrix, this.#root, this.#inverse);
  }

  get condition(): number {
    return this.#extremes[1] / this.#extremes[0];
  }

  get largest(): number {
    return this.#extremes[1];
  }

  values(): Float64Array {
    return this.#matrix.slice();
  }

  state(): Float64Array {
    const size = this.#n ** 2;
    const state = new Float64Array(3 * size + 2);
    state.set(this.#matrix);
    state.set(this.#root, size);
    state.set(this.#inverse, 2 * size);
    state.set(this.#extremes, 3 * size);
    return state;
  }

  restore(state: Float64Array): void {
    const size = this.#n ** 2;
    this.#matrix.set(state.subarray(0, size));
    this.#root.set(state.subarray(size, 2 * size));
    this.#inverse.set(state.subarray(2 * size, 3 * size));
    this.#extremes = [state[3 * size]!, state[3 * size + 1]!];
  }
}
