import { describe, expect, it } from 'vitest';
import { medianInterval, orderStatistic } from './order-statistic.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i);

describe('an order statistic', () => {
  it('is the number of rank ceil(q n), whatever larger ones are', () => {
    expect(orderStatistic(upTo(10), 0.5)).toBe(5);
    expect(orderStatistic(upTo(10), 0.9)).toBe(9);
    expect(orderStatistic(upTo(3), 0.5)).toBe(2);
    expect(orderStatistic([Number.POSITIVE_INFINITY, 7, 3], 0.5)).toBe(7);
    expect(orderStatistic([Number.POSITIVE_INFINITY, 7, 3], 0.9)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the interval of a median', () => {
  // The published table of ranks for 95 %: n = 6 (1, 6), 9 (2, 8), 10 (2, 9), 20 (6, 15), 25 (8, 18), 30 (10, 21).
  it.each([
    [6, 1, 6],
    [9, 2, 8],
    [10, 2, 9],
    [20, 6, 15],
    [25, 8, 18],
    [30, 10, 21],
  ])('of %i numbers reaches from rank %i to rank %i', (n, low, high) => {
    expect(medianInterval(upTo(n))).toEqual([low, high]);
  });

  it('is not there for less than six', () => {
    expect(medianInterval(upTo(5))).toBeNull();
    expect(medianInterval([1])).toBeNull();
  });
});
