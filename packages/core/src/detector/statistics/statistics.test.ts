import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { covarianceOf, Moments, scatterWithin } from './moments.ts';
import { percentile } from './percentile.ts';
import { Reservoir } from './reservoir.ts';
import { fitWeibull } from './weibull.ts';
import { symmetricEigen, whitened, whiteningOf } from './whitening.ts';

describe('moments', () => {
  it('are mean and covariance, far from 0 too', () => {
    const moments = new Moments(2);
    for (const [x, y] of [
      [1, 2],
      [3, 2],
      [5, 8],
    ])
      moments.add([1e8 + x!, y!]);
    expect(Array.from(moments.mean)).toEqual([1e8 + 3, 4]);
    const [[xx, xy], [yx, yy]] = moments.covariance() as unknown as [[number, number], [number, number]];
    expect(xx).toBeCloseTo(8 / 3, 6);
    expect(xy).toBeCloseTo(4, 6);
    expect(yx).toBe(xy);
    expect(yy).toBeCloseTo(8, 9);
  });

  it('within classes leave out what the means differ by', () => {
    const all = new Moments(1);
    const classes = [0, 10].map((shift) => {
      const own = new Moments(1, false);
      for (const value of [shift - 1, shift + 1]) for (const each of [all, own]) each.add([value]);
      return own;
    });
    expect(covarianceOf(scatterWithin(all, classes), 1, 4)[0]![0]).toBeCloseTo(1, 9);
  });
});

describe('whitening', () => {
  it('brings a covariance to the identity', () => {
    const whitening = whiteningOf([Float64Array.of(4, 2), Float64Array.of(2, 3)]);
    expect(whitening.shrinkage).toBe(0);
    // Squared lengths are x inv(S) x: of (1, 0) 3 / 8, of (0, 1) 4 / 8.
    const squared = (row: number[]): number =>
      whitened(whitening, row, new Float64Array(2)).reduce((sum, value) => sum + value * value, 0);
    expect(squared([1, 0])).toBeCloseTo(3 / 8, 12);
    expect(squared([0, 1])).toBeCloseTo(1 / 2, 12);
  });

  it('has eigenvalues in ascending order, with their vectors', () => {
    const { values, vectors } = symmetricEigen([Float64Array.of(2, 1), Float64Array.of(1, 2)]);
    expect(values[0]).toBeCloseTo(1, 12);
    expect(values[1]).toBeCloseTo(3, 12);
    expect(vectors[1]![0]! * vectors[1]![1]!).toBeCloseTo(0.5, 12);
  });
});

describe('a reservoir', () => {
  it('keeps every row with the same chance', () => {
    const kept = new Float64Array(10);
    for (let seed = 0; seed < 4000; seed++) {
      const reservoir = new Reservoir(1, 3, Random.stream(seed));
      for (let row = 0; row < 10; row++) reservoir.add(Float32Array.of(row));
      expect(reservoir.rows.length).toBe(3);
      for (const row of reservoir.rows) kept[row]!++;
    }
    // 0.3 of 4000, with a standard deviation of 29.
    for (const times of kept) expect(Math.abs(times - 1200)).toBeLessThan(5 * 29);
  });

  it('keeps all rows where there are few', () => {
    const reservoir = new Reservoir(2, 1000, Random.stream(1));
    for (let row = 0; row < 100; row++) reservoir.add(Float32Array.of(row, -row));
    expect(reservoir.rows[198]).toBe(99);
    expect(reservoir.count).toBe(100);
  });
});

it('percentiles are those of numpy', () => {
  // numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], [0, 37, 90, 100])
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  expect([0, 37, 90, 100].map((percent) => percentile(values, percent))).toEqual([
    1,
    expect.closeTo(2.59, 12),
    expect.closeTo(6.9, 12),
    9,
  ]);
});

describe('a Weibull distribution', () => {
  it('has the parameters that scipy finds', () => {
    // scipy.stats.weibull_min.fit(values, floc=0), to the tolerance of its optimizer
    const values = [4.382, 5.034, 1.727, 1.283, 4.085, 5.947, 4.369, 4.541, 7.275, 9.754, 7.71, 1.222];
    const { shape, scale } = fitWeibull(values)!;
    expect(shape).toBeCloseTo(1.9817396722199743, 3);
    expect(scale).toBeCloseTo(5.390131365300191, 3);
  });

  it('is not there where all values are equal', () => {
    expect(fitWeibull([2, 2, 2])).toBeUndefined();
  });
});
