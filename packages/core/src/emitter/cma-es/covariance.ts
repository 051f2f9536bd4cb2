/** @file The covariance of a search distribution, whole or its diagonal only. */

import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** A symmetric positive definite matrix that is adapted. Vectors are Float64Array of the dimension. */
export interface Covariance {
  /** `C^(1/2) z` into `out`: turns standard normal numbers into a draw. */
  color(z: Float64Array, out: Float64Array): void;
  /** `C^(-1/2) y` into `out`. */
  whiten(y: Float64Array, out: Float64Array): void;
  /**
   * `C <- keep C + rankOne p p' + sum_k rates_k y_k y_k'`.
   *
   * @param steps `rates.length x dimension`
   */
  adapt(keep: number, path: Float64Array, rankOne: number, steps: Float64Array, rates: Float64Array): void;
  /** Brings {@link color} and {@link whiten} up to date with what was adapted. */
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

  color(z: Float64Array, out: Float64Array): void {
    const deviations = this.#deviations;
    for (let i = 0; i < z.length; i++) out[i] = deviations[i]! * z[i]!;
  }

  whiten(y: Float64Array, out: Float64Array): void {
    const deviations = this.#deviations;
    for (let i = 0; i < y.length; i++) out[i] = y[i]! / deviations[i]!;
  }

  adapt(keep: number, path: Float64Array, rankOne: number, steps: Float64Array, rates: Float64Array): void {
    const variances = this.#variances;
    const n = variances.length;
    for (let i = 0; i < n; i++) variances[i] = keep * variances[i]! + rankOne * path[i]! * path[i]!;
    for (let k = 0; k < rates.length; k++) {
      const rate = rates[k]!;
      for (let i = 0, at = k * n; i < n; i++, at++) variances[i]! += rate * steps[at]! * steps[at]!;
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

  color(z: Float64Array, out: Float64Array): void {
    multiply(this.#root, z, out);
  }

  whiten(y: Float64Array, out: Float64Array): void {
    multiply(this.#inverse, y, out);
  }

  adapt(keep: number, path: Float64Array, rankOne: number, steps: Float64Array, rates: Float64Array): void {
    const n = this.#n;
    const matrix = this.#matrix;
    // The lower triangle; the upper one mirrors it.
    for (let i = 0; i < n; i++) {
      const scaled = rankOne * path[i]!;
      for (let j = 0, at = i * n; j <= i; j++, at++) matrix[at] = keep * matrix[at]! + scaled * path[j]!;
    }
    for (let k = 0; k < rates.length; k++) {
      const step = k * n;
      for (let i = 0; i < n; i++) {
        const scaled = rates[k]! * steps[step + i]!;
        for (let j = 0, at = i * n; j <= i; j++, at++) matrix[at]! += scaled * steps[step + j]!;
      }
    }
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) matrix[j * n + i] = matrix[i * n + j]!;
  }

  refresh(): void {
    const n = this.#n;
    const matrix = Matrix.from1DArray(n, n, this.#matrix as unknown as number[]);
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
    this.#root.fill(0);
    this.#inverse.fill(0);
    const vector = new Float64Array(n);
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    for (let k = 0; k < n; k++) {
      // Rounding may take the smallest ones below 0.
      const eigenvalue = Math.max(SMALLEST, realEigenvalues[k]!);
      least = Math.min(least, eigenvalue);
      most = Math.max(most, eigenvalue);
      for (let i = 0; i < n; i++) vector[i] = eigenvectorMatrix.get(i, k);
      addOuter(this.#root, vector, Math.sqrt(eigenvalue));
      addOuter(this.#inverse, vector, 1 / Math.sqrt(eigenvalue));
    }
    this.#extremes = [least, most];
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

/** The least eigenvalue that is worked with. */
const SMALLEST = 1e-30;

/** A symmetric matrix times a vector. */
function multiply(matrix: Float64Array, x: Float64Array, out: Float64Array): void {
  const n = x.length;
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++, at++) sum += matrix[at]! * x[j]!;
    out[i] = sum;
  }
}

/** `matrix += scale x x'`. */
function addOuter(matrix: Float64Array, x: Float64Array, scale: number): void {
  const n = x.length;
  for (let i = 0, at = 0; i < n; i++) {
    const scaled = scale * x[i]!;
    for (let j = 0; j < n; j++, at++) matrix[at]! += scaled * x[j]!;
  }
}
