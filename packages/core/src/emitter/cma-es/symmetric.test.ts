import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { symmetricProducts, symmetricRoots, symmetricUpdate } from './symmetric.ts';
import { symmetricProductsPlain, symmetricRootsPlain, symmetricUpdatePlain } from './symmetric-plain.ts';

const SIZES = [1, 2, 3, 4, 5, 7, 8, 16, 33, 100];

function uniform(count: number, seed: number): Float64Array {
  const random = Random.stream(seed);
  return Float64Array.from({ length: count }, () => 2 * random.uniform() - 1);
}

/** Of n x n, with eigenvalues spread over orders of magnitude: the sum of outer products of random rows. */
function positive(n: number, seed: number, spread = 3): Float64Array {
  const matrix = new Float64Array(n * n);
  const weights = Float64Array.from({ length: 2 * n }, (_, k) => 10 ** (-spread * (k / (2 * n))));
  symmetricUpdatePlain(matrix, 0, uniform(2 * n * n, seed), weights);
  return matrix;
}

function product(a: Float64Array, b: Float64Array): Float64Array {
  const n = Math.sqrt(a.length);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) for (let j = 0; j < n; j++) out[i * n + j]! += a[i * n + k]! * b[k * n + j]!;
  }
  return out;
}

const largest = (a: Float64Array): number => a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const difference = (a: Float64Array, b: Float64Array): number =>
  largest(a.map((value, i) => value - b[i]!)) / largest(b);

describe('the kernel of symmetric matrices', () => {
  it.each(SIZES)('takes roots of %i rows: their square is the matrix, and they are those of the plain twin', (n) => {
    const matrix = positive(n, n);
    const before = matrix.slice();
    const [root, inverse, plain, plainInverse] = Array.from({ length: 4 }, () => new Float64Array(n * n)) as Four;
    const [least, most] = symmetricRoots(matrix, root, inverse);
    const [plainLeast, plainMost] = symmetricRootsPlain(matrix, plain, plainInverse);
    expect(matrix).toEqual(before);
    expect(difference(product(root, root), matrix)).toBeLessThan(1e-13);
    const unit = Float64Array.from({ length: n * n }, (_, at) => Number(at % (n + 1) === 0));
    expect(difference(product(root, inverse), unit)).toBeLessThan(1e-11);
    expect(difference(root, plain)).toBeLessThan(1e-12);
    expect(difference(inverse, plainInverse)).toBeLessThan(1e-9);
    expect(least / plainLeast).toBeCloseTo(1, 8);
    expect(most / plainMost).toBeCloseTo(1, 12);
  });

  it('finds the eigenvalues that are known: 2 - 2 cos(k pi / (n + 1)) of the second difference', () => {
    const n = 50;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      matrix[i * n + i] = 2;
      if (i > 0) matrix[i * n + i - 1] = -1;
      if (i < n - 1) matrix[i * n + i + 1] = -1;
    }
    const [least, most] = symmetricRoots(matrix, new Float64Array(n * n), new Float64Array(n * n));
    expect(least).toBeCloseTo(2 - 2 * Math.cos(Math.PI / (n + 1)), 13);
    expect(most).toBeCloseTo(2 - 2 * Math.cos((n * Math.PI) / (n + 1)), 13);
  });

  it.each([
    ['the unit', (i: number, j: number) => Number(i === j)],
    ['a diagonal of 200 orders of magnitude', (i: number, j: number) => (i === j ? 10 ** (100 - 20 * i) : 0)],
    ['rank one', (i: number, j: number) => (i + 1) * (j + 1)],
    ['nothing', () => 0],
    ['the largest numbers', (i: number, j: number) => (i === j ? 1e300 : 1e299)],
    ['the smallest numbers', (i: number, j: number) => (i === j ? 1e-25 : 1e-26)],
    ['less than the smallest normal numbers', (i: number, j: number) => (i === j ? 1e-310 : 0)],
    ['entries whose squares lose their digits', (i: number, j: number) => (i === j ? 1 : i + j === 1 ? 0.5 : 1e-157)],
    ['entries whose squares vanish', (i: number, j: number) => (i === j ? 1 : 1e-200)],
    ['entries beside which the last row is small', (i: number, j: number) => (i === j ? 1 : 1e-139)],
  ])('takes roots of %s', (_, entry) => {
    const n = 11;
    const matrix = Float64Array.from({ length: n * n }, (__, at) => entry(Math.floor(at / n), at % n));
    const root = new Float64Array(n * n);
    const [least, most] = symmetricRoots(matrix, root, new Float64Array(n * n));
    expect(least).toBeGreaterThanOrEqual(1e-30);
    expect(most).toBeLessThan(Number.POSITIVE_INFINITY);
    // Eigenvalues below 1e-30 are taken for that.
    expect(largest(product(root, root).map((value, at) => value - matrix[at]!))).toBeLessThan(1e-13 * most + 1e-29);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'says that there are no eigenvalues where an entry is %d',
    (entry) => {
      const matrix = positive(6, 1);
      matrix[7] = entry;
      const root = new Float64Array(36);
      expect(symmetricRoots(matrix, root, new Float64Array(36))).toEqual([Number.NaN, Number.NaN]);
      expect(largest(root)).toBe(0);
    },
  );

  it.each(SIZES)('multiplies rows by a matrix of %i rows, in place too', (n) => {
    const matrix = positive(n, n);
    const rows = uniform(5 * n, 3);
    const [out, plain] = [new Float64Array(5 * n), new Float64Array(5 * n)];
    symmetricProducts(matrix, rows, out);
    symmetricProductsPlain(matrix, rows, plain);
    expect(difference(out, plain)).toBeLessThan(1e-14);
    symmetricProducts(matrix, rows, rows);
    expect(rows).toEqual(out);
  });

  it.each(SIZES)('adds outer products to a matrix of %i rows, and keeps it symmetric', (n) => {
    const [matrix, rows, weights] = [positive(n, n), uniform(7 * n, 3), uniform(7, 4)];
    const plain = matrix.slice();
    symmetricUpdate(matrix, 0.9, rows, weights);
    symmetricUpdatePlain(plain, 0.9, rows, weights);
    expect(difference(matrix, plain)).toBeLessThan(1e-13);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) expect(matrix[i * n + j]).toBe(matrix[j * n + i]);
  });
});

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];
