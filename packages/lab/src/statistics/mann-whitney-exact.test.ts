import { describe, expect, it } from 'vitest';
import { mannWhitneyExact } from './mann-whitney-exact.ts';

describe('the exact test of Mann and Whitney', () => {
  it('gives the p of the manual of SciPy (mannwhitneyu, method="exact"): age at diagnosis of men and women', () => {
    expect(mannWhitneyExact([19, 22, 16, 29, 24], [20, 11, 17, 12])).toBeCloseTo(0.1111111111111111, 14);
  });

  it('of two samples that do not overlap is twice one of all ways to deal them out', () => {
    expect(mannWhitneyExact([1, 2, 3], [4, 5, 6])).toBeCloseTo(2 / 20, 14);
    expect(mannWhitneyExact([7, 8, 9, 10, 11], [1, 2, 3, 4, 5])).toBeCloseTo(2 / 252, 14);
    // The binomial coefficient of 10 out of 20.
    const low = Array.from({ length: 10 }, (_, i) => i);
    expect(
      mannWhitneyExact(
        low,
        low.map((value) => value + 50),
      ),
    ).toBeCloseTo(2 / 184_756, 14);
  });

  it('with ties counts the ways by hand: 1, 2, 2 against 2, 3', () => {
    // Ranks 1, 3, 3, 3, 5; the first sample has 7. Of ten ways to choose three of them 3 have the sum 7, 6 have 9 or 11 more.
    // Sums: {1,3,3} three ways = 7; {1,3,5} three ways = 9; {3,3,3} one way = 9; {3,3,5} three ways = 11.
    expect(mannWhitneyExact([1, 2, 2], [2, 3])).toBeCloseTo((2 * 3) / 10, 14);
  });

  it('takes values that were never reached as equal and last', () => {
    const never = Number.POSITIVE_INFINITY;
    expect(mannWhitneyExact([1, 2, 3, 4], [never, never, never, never])).toBeCloseTo(2 / 70, 14);
    expect(mannWhitneyExact([never, never], [never, never])).toBe(1);
  });
});
