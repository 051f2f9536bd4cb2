/** @file Means and covariances, row after row, in double precision. */

/** Mean and scatter of rows, of which none is kept (Welford 1962; Chan, Golub and LeVeque 1983). */
export class Moments {
  readonly width: number;
  readonly mean: Float64Array;
  /** `sum (x - mean)(x - mean)^T`: the lower triangle of `width x width`, row-major; the rest is 0. Empty where it is not wanted. */
  readonly scatter: Float64Array;
  count = 0;
  readonly #before: Float64Array;
  readonly #after: Float64Array;

  /** @param withScatter whether more than the mean is wanted */
  constructor(width: number, withScatter = true) {
    this.width = width;
    this.mean = new Float64Array(width);
    this.scatter = new Float64Array(withScatter ? width * width : 0);
    this.#before = new Float64Array(width);
    this.#after = new Float64Array(width);
  }

  /** Adds a row of {@link width} numbers. */
  add(row: ArrayLike<number>): void {
    const { width, mean, scatter } = this;
    const [before, after] = [this.#before, this.#after];
    this.count++;
    for (let i = 0; i < width; i++) {
      const away = row[i]! - mean[i]!;
      before[i] = away;
      mean[i]! += away / this.count;
      after[i] = row[i]! - mean[i]!;
    }
    if (scatter.length === 0) return;
    for (let i = 0; i < width; i++) {
      const own = before[i]!;
      if (own === 0) continue;
      const start = i * width;
      for (let j = 0; j <= i; j++) scatter[start + j]! += own * after[j]!;
    }
  }

  /** The covariance about the mean, `scatter / count`, as rows of the whole matrix. */
  covariance(): Float64Array[] {
    return covarianceOf(this.scatter, this.width, this.count);
  }
}

/**
 * A scatter divided by a count, as rows of the whole matrix.
 *
 * @param scatter its lower triangle
 */
export function covarianceOf(scatter: Float64Array, width: number, count: number): Float64Array[] {
  const rows = Array.from({ length: width }, () => new Float64Array(width));
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      const value = scatter[i * width + j]! / count;
      rows[i]![j] = value;
      rows[j]![i] = value;
    }
  }
  return rows;
}

/**
 * The scatter of rows about the means of their classes: that about the mean of all, less that of the classes' means.
 *
 * @param classes means and counts of the classes, of the same rows as `all`
 */
export function scatterWithin(all: Moments, classes: readonly Moments[]): Float64Array {
  const { width, mean } = all;
  const within = all.scatter.slice();
  for (const { count, mean: own } of classes) {
    for (let i = 0; i < width; i++) {
      const away = count * (own[i]! - mean[i]!);
      for (let j = 0; j <= i; j++) within[i * width + j]! -= away * (own[j]! - mean[j]!);
    }
  }
  return within;
}
