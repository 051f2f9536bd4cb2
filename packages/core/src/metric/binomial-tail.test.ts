import { describe, expect, it } from 'vitest';
import { binomialTail } from './binomial-tail.ts';

describe('the test of a rate against chance', () => {
  it.each([
    // 56 of 1024 sequences of coins; the others with SciPy's binom.sf.
    [8, 10, 0.5, 56 / 1024],
    [3, 10, 0.1, 0.0701908264],
    [9, 80, 0.1, 0.40732350215654484],
    [40, 80, 0.1, 1.781002663536887e-19],
    [100, 1000, 0.05, 8.410251084877321e-11],
    [0, 5, 0.3, 1],
  ])('%i of %i at %f', (hits, trials, chance, expected) => {
    expect(binomialTail(hits, trials, chance) / expected).toBeCloseTo(1, 8);
  });
});
