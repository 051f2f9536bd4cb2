import { Random } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { rankCorrelation } from './rank-correlation.ts';

describe('the rank correlation', () => {
  it.each([
    // rho of SciPy's spearmanr; p by going through all orders in Python with it.
    { x: [1, 2, 3, 4, 5], y: [5, 6, 7, 8, 7], rho: 0.8207826816681233, p: 0.13333 },
    { x: [1, 1, 2, 2, 3, 3], y: [10, 30, 20, 20, 40, 50], rho: 0.727606875108999, p: 0.13333 },
    // Two of 120 orders of five are sorted.
    { x: [1, 2, 3, 4, 5], y: [-1, -10, -100, -1000, -10000], rho: -1, p: 2 / 120 },
  ])('is that of SciPy, and p the share of all orders', ({ x, y, rho, p }) => {
    const result = rankCorrelation(x, y, Random.stream(1));
    expect(result.rho).toBeCloseTo(rho, 12);
    // Four standard errors of a share of 9,999 orders.
    expect(Math.abs(result.p - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 9999) + 1e-4);
  });

  it('is none with what never changes', () => {
    expect(rankCorrelation([1, 2, 3], [4, 4, 4], Random.stream(1))).toEqual({ rho: 0, p: 1 });
  });
});
