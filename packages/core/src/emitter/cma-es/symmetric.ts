/** @file Symmetric matrices by the kernel, row by row in double precision; the readable twin is symmetric-plain.ts. */

import { FREE, sharedKernel } from '../../kernel/kernel.ts';

/** The least eigenvalue that is worked with: rounding may take the smallest ones below 0. */
export const SMALLEST = 1e-30;

/**
 * The symmetric square root of a matrix, and the inverse of that.
 *
 * @param matrix n x n, symmetric; eigenvalues below {@link SMALLEST} are taken for it
 * @param root receives n x n
 * @param inverse receives n x n
 * @returns the least and the largest eigenvalue; NaN, and nothing else is written, where there are none because the matrix holds NaN or
 *     infinite numbers
 */
export function symmetricRoots(
  matrix: Float64Array,
  root: Float64Array,
  inverse: Float64Array,
): [least: number, most: number] {
  const n = Math.sqrt(matrix.length);
  const kernel = sharedKernel();
  const size = 8 * n * n;
  const [vectors, roots, inverses, scratch] = [1, 2, 3, 4].map((place) => FREE + place * size) as Four;
  const values = scratch + 8 * 4 * n;
  kernel.reserve(values + 8 * n);
  const { doubles } = kernel;
  doubles.set(matrix, FREE / 8);
  const failed = kernel.run.symmetricRoots(n, FREE, vectors, scratch, roots, inverses, values, SMALLEST);
  if (failed !== 0) return [Number.NaN, Number.NaN];
  root.set(doubles.subarray(roots / 8, roots / 8 + n * n));
  inverse.set(doubles.subarray(inverses / 8, inverses / 8 + n * n));
  const eigenvalues = doubles.subarray(values / 8, values / 8 + n);
  return [eigenvalues.reduce((a, b) => Math.min(a, b)), eigenvalues.reduce((a, b) => Math.max(a, b))];
}

type Four = [number, number, number, number];

/**
 * Rows times a matrix.
 *
 * @param matrix n x n, symmetric
 * @param rows any number of rows of n
 * @param out receives as many; may be the rows
 */
export function symmetricProducts(matrix: Float64Array, rows: Float64Array, out: Float64Array): void {
  const n = Math.sqrt(matrix.length);
  const kernel = sharedKernel();
  const from = FREE + 8 * n * n;
  const to = from + 8 * rows.length;
  kernel.reserve(to + 8 * rows.length);
  const { doubles } = kernel;
  doubles.set(matrix, FREE / 8);
  doubles.set(rows, from / 8);
  kernel.run.symmetricProducts(n, FREE, from, to, rows.length / n);
  out.set(doubles.subarray(to / 8, to / 8 + rows.length));
}

/**
 * `matrix <- keep matrix + sum_k weights_k y_k y_k'`.
 *
 * @param matrix n x n, symmetric
 * @param rows the y, of n numbers each
 * @param weights one for each row
 */
export function symmetricUpdate(matrix: Float64Array, keep: number, rows: Float64Array, weights: Float64Array): void {
  const n = Math.sqrt(matrix.length);
  const kernel = sharedKernel();
  const from = FREE + 8 * n * n;
  const shares = from + 8 * rows.length;
  kernel.reserve(shares + 8 * weights.length);
  const { doubles } = kernel;
  doubles.set(matrix, FREE / 8);
  doubles.set(rows, from / 8);
  doubles.set(weights, shares / 8);
  kernel.run.symmetricUpdate(n, FREE, keep, from, shares, weights.length);
  matrix.set(doubles.subarray(FREE / 8, FREE / 8 + n * n));
}
