import { describe, expect, it } from 'vitest';
import { exactInterval } from './exact-interval.ts';

describe('the interval of Clopper and Pearson', () => {
  it.each([1, 2, 5, 20, 300])('without hits in %i trials, and with nothing else, is that of the formula', (trials) => {
    // (1 - high)^n = 0.025, and by symmetry low^n = 0.025.
    const edge = 0.025 ** (1 / trials);
    const [none, all] = [exactInterval(0, trials), exactInterval(trials, trials)];
    expect(none.low).toBe(0);
    expect(none.high).toBeCloseTo(1 - edge, 9);
    expect(all.low).toBeCloseTo(edge, 9);
    expect(all.high).toBe(1);
  });

  it('of one hit in two trials is that of the two quadratic equations', () => {
    // 1 - (1 - low)^2 = 0.025 and 1 - high^2 = 0.025.
    const { low, high } = exactInterval(1, 2);
    expect(low).toBeCloseTo(1 - Math.sqrt(0.975), 9);
    expect(high).toBeCloseTo(Math.sqrt(0.975), 9);
  });

  it('is that of the published tables', () => {
    // Zar, Biostatistical Analysis: 4 of 20 gives 0.0573 to 0.4366.
    const { low, high } = exactInterval(4, 20);
    expect(low).toBeCloseTo(0.0573, 4);
    expect(high).toBeCloseTo(0.4366, 4);
  });

  it('gets narrower with more trials, and wider with more confidence', () => {
    const width = (...args: Parameters<typeof exactInterval>): number =>
      exactInterval(...args).high - exactInterval(...args).low;
    expect(width(50, 100)).toBeLessThan(width(5, 10));
    expect(width(5, 10, 0.99)).toBeGreaterThan(width(5, 10));
  });

  it('of no trials says nothing', () => {
    expect(exactInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });
});
