/** @file What the kernel does with symmetric matrices, readably, by ml-matrix: the oracle of symmetric.ts. */

import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { SMALLEST } from './symmetric.ts';

/** As `symmetricRoots`. */
export function symmetricRootsPlain(
  matrix: Float64Array,
  root: Float64Array,
  inverse: Float64Array,
): [least: number, most: number] {
  const n = Math.sqrt(matrix.length);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(square(matrix, n), {
    assumeSymmetric: true,
  });
  const values = realEigenvalues.map((value) => Math.max(SMALLEST, value));
  for (const [out, power] of [
    [root, 0.5],
    [inverse, -0.5],
  ] as const) {
    const scales = Matrix.diag(values.map((value) => value ** power));
    out.set(eigenvectorMatrix.mmul(scales).mmul(eigenvectorMatrix.transpose()).to1DArray());
  }
  return [Math.min(...values), Math.max(...values)];
}

/** As `symmetricProducts`. */
export function symmetricProductsPlain(matrix: Float64Array, rows: Float64Array, out: Float64Array): void {
  const n = Math.sqrt(matrix.length);
  out.set(new Matrix(chunks(rows, n)).mmul(square(matrix, n)).to1DArray());
}

/** As `symmetricUpdate`. */
export function symmetricUpdatePlain(
  matrix: Float64Array,
  keep: number,
  rows: Float64Array,
  weights: Float64Array,
): void {
  const n = Math.sqrt(matrix.length);
  const steps = new Matrix(chunks(rows, n));
  const sum = steps
    .transpose()
    .mmul(Matrix.diag([...weights]))
    .mmul(steps);
  matrix.set(square(matrix, n).mul(keep).add(sum).to1DArray());
}

function square(matrix: Float64Array, n: number): Matrix {
  return new Matrix(chunks(matrix, n));
}

function chunks(rows: Float64Array, n: number): number[][] {
  return Array.from({ length: rows.length / n }, (_, i) => [...rows.subarray(i * n, (i + 1) * n)]);
}
