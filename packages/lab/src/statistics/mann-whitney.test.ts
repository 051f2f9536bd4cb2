import { describe, expect, it } from 'vitest';
import { mannWhitney } from './mann-whitney.ts';
import { quartiles } from './quartiles.ts';

describe('quartiles', () => {
  it('are those of the textbook', () => {
    expect(quartiles([3, 1, 2, 4, 5])).toEqual({ lower: 2, median: 3, upper: 4 });
  });
});

describe('the test of Mann and Whitney', () => {
  it.each([
    // The example of SciPy's manual (mannwhitneyu, method='asymptotic'): age at diagnosis of men and women.
    { x: [19, 22, 16, 29, 24], y: [20, 11, 17, 12], u: 17, p: 0.11134688653314041 },
    // Ties, from the formulas with Python's math.erfc.
    { x: [1, 2, 2, 3], y: [2, 3, 3, 4], u: 3, p: 0.17203370892182296 },
  ])('gives U and p of a reference program', ({ x, y, u, p }) => {
    const result = mannWhitney(x, y);
    expect(result.u).toBe(u);
    expect(result.superiority).toBeCloseTo(u / (x.length * y.length), 12);
    expect(result.p).toBeCloseTo(p, 5);
  });

  it('sees no difference between equal samples, and U of both add up to all pairs', () => {
    expect(mannWhitney([1, 1, 1], [1, 1]).p).toBe(1);
    const [a, b] = [mannWhitney([1, 5, 9], [2, 3]), mannWhitney([2, 3], [1, 5, 9])];
    expect(a.u + b.u).toBe(6);
    expect(a.p).toBeCloseTo(b.p, 12);
  });

  it('keeps the order of magnitude far out: 40 against 40 without overlap', () => {
    // z = (1600/2 - .5) / sqrt(1600/12 * 81) = 7.693; 2 P(Z > z) = 1.4e-14.
    const low = Array.from({ length: 40 }, (_, i) => i);
    const { p } = mannWhitney(
      low,
      low.map((value) => value + 100),
    );
    expect(p / 1.435085e-14).toBeGreaterThan(0.9);
    expect(p / 1.435085e-14).toBeLessThan(1.1);
  });
});
