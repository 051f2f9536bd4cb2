/** @file Decompositions of covariances, by ml-matrix. */

import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { InputError } from '../../errors.ts';

/** The largest eigenvalue of a covariance over the smallest, beyond which it is shrunk: single precision holds no more. */
const WORST_CONDITION = 1e5;

/** Eigenvalues in ascending order, each with its vector as a row. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

/** The eigenvalues and eigenvectors of a symmetric matrix. */
export function symmetricEigen(rows: readonly Float64Array[]): Eigen {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rows as Float64Array[]), {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, at) => at).sort((a, b) => realEigenvalues[a]! - realEigenvalues[b]!);
  return {
    values: Float64Array.from(order, (at) => realEigenvalues[at]!),
    vectors: order.map((at) => Float64Array.from(eigenvectorMatrix.getColumn(at))),
  };
}

/** A linear map under which a covariance becomes the identity. */
export interface Whitening {
  readonly width: number;
  /** `width x width`, row-major: a row for each new coordinate. */
  readonly matrix: Float64Array;
  /** How much of the identity, times the mean variance, took the place of the covariance: 0 for none, 1 for all. */
  readonly shrinkage: number;
}

/**
 * The whitening of a covariance. One whose eigenvalues differ by more than a factor of 10^5 - a singular one above all - is shrunk
 * towards the identity times the mean variance (Ledoit and Wolf 2004), by the least share that brings them within it.
 *
 * @param rows the covariance
 * @throws InputError where nothing varies
 */
export function whiteningOf(rows: readonly Float64Array[]): Whitening {
  const width = rows.length;
  const { values, vectors } = symmetricEigen(rows);
  const [least, largest] = [Math.max(0, values[0]!), values[width - 1]!];
  const mean = rows.reduce((sum, row, i) => sum + row[i]!, 0) / width;
  if (!(largest > 0 && Number.isFinite(largest))) {
    throw new InputError('the penultimate features are the same for all images, so they have no covariance');
  }
  const excess = (largest - WORST_CONDITION * least) / (mean * (WORST_CONDITION - 1));
  const shrinkage = excess > 0 ? excess / (1 + excess) : 0;
  const matrix = new Float64Array(width * width);
  vectors.forEach((vector, k) => {
    const variance = (1 - shrinkage) * Math.max(0, values[k]!) + shrinkage * mean;
    const scale = 1 / Math.sqrt(variance);
    for (let i = 0; i < width; i++) matrix[k * width + i] = scale * vector[i]!;
  });
  return { width, matrix, shrinkage };
}

/** A row in the new coordinates, from a center. */
export function whitened({ width, matrix }: Whitening, row: ArrayLike<number>, center: Float64Array): Float64Array {
  const result = new Float64Array(width);
  for (let k = 0; k < width; k++) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += matrix[k * width + i]! * (row[i]! - center[i]!);
    result[k] = sum;
  }
  return result;
}

/** What there is to say of a whitening that was shrunk; a sentence without a full stop. */
export function shrinkageRemark({ shrinkage, width }: Whitening, count: number): readonly string[] {
  if (shrinkage === 0) return [];
  const why = count <= width ? `${count} images are too few for ${width} features` : 'some features hardly vary';
  return [
    `the covariance of the features is singular or nearly so (${why}); the share ${shrinkage.toPrecision(3)} of it was replaced by the identity times the mean variance`,
  ];
}
