import { expect, it } from 'vitest';
import { ledoitWolfShrinkage, shrunkTowardsIdentity } from './ledoit-wolf.ts';
import { Moments } from './moments.ts';

const ROWS = [
  [1, 2, -1],
  [0.5, -1, 2],
  [-1.5, 0.25, 0.75],
  [2, 1, 0.5],
  [-0.75, -2, 1.25],
  [0, 0.5, -2.5],
];

function fourthOf(rows: readonly number[][], mean: Float64Array): number {
  return rows.reduce((sum, row) => sum + row.reduce((square, value, i) => square + (value - mean[i]!) ** 2, 0) ** 2, 0);
}

it('is the share of Ledoit and Wolf 2004', () => {
  const moments = new Moments(3);
  for (const row of ROWS) moments.add(row);
  // numpy, by the sum over rows of |x x^T - S|^2: b^2 / d^2
  expect(ledoitWolfShrinkage(moments.covariance(), 6, fourthOf(ROWS, moments.mean))).toBeCloseTo(0.582046577677807, 12);
});

it('is nothing for a covariance that is the identity already, and where all rows say the same', () => {
  const identity = [Float64Array.of(2, 0), Float64Array.of(0, 2)];
  expect(ledoitWolfShrinkage(identity, 10, 100)).toBe(0);
  // Two rows, opposite about their mean: each has the covariance itself.
  const moments = new Moments(4);
  const rows = [
    [1, 2, 3, 4],
    [2, 1, 4, 3],
  ];
  for (const row of rows) moments.add(row);
  expect(ledoitWolfShrinkage(moments.covariance(), 2, fourthOf(rows, moments.mean))).toBe(0);
});

it('keeps the sum of the variances', () => {
  const shrunk = shrunkTowardsIdentity([Float64Array.of(3, 1), Float64Array.of(1, 1)], 0.25);
  expect(shrunk.map((row) => [...row])).toEqual([
    [2.75, 0.75],
    [0.75, 1.25],
  ]);
});
