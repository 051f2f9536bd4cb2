import { describe, expect, it } from 'vitest';
import { discordant, mcNemarTest } from './paired-test.ts';

describe("McNemar's test", () => {
  it('counts the images that only one has right', () => {
    expect(discordant([true, true, false, false, true], [true, false, true, false, false])).toEqual({
      first: 2,
      second: 1,
    });
  });

  // SciPy's binomtest(k, n, 0.5).pvalue.
  it.each([
    [1, 8, 0.0390625],
    [9, 2, 0.0654296875],
    [0, 6, 0.03125],
    [0, 0, 1],
    [5, 5, 1],
    [12, 30, 0.007915897334896727],
    [40, 90, 1.3715068445175432e-5],
  ])('of %i against %i', (first, second, p) => {
    expect(mcNemarTest({ first, second }) / p).toBeCloseTo(1, 9);
  });
});
