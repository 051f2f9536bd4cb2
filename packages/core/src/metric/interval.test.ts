import { describe, expect, it } from 'vitest';
import { wilsonInterval } from './interval.ts';

describe("Wilson's interval", () => {
  // Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i of %i is that of the literature', (hits, trials, low, high) => {
    const [from, to] = wilsonInterval(hits, trials);
    expect(from).toBeCloseTo(low, 4);
    expect(to).toBeCloseTo(high, 4);
  });

  it('ends at 1 where all are right, and says nothing of no images', () => {
    expect(wilsonInterval(20, 20)[1]).toBe(1);
    expect(wilsonInterval(20, 20)[0]).toBeCloseTo(1 - 0.1611, 4);
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});
