import { Random } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { trendOf } from './rising.ts';

const curve = (length: number, at: (i: number) => number): number[] => Array.from({ length }, (_, i) => at(i));
/** Noise of deviation `scale`, another one for each seed. */
const noise = (seed: number, scale: number): (() => number) => {
  const random = Random.stream(seed, 0);
  return () => scale * random.normal();
};

describe('a curve', () => {
  it.each([9, 30, 200, 5000])('that is a line rises, of %i points', (length) => {
    expect(trendOf(curve(length, (i) => 3 * i))).toBe('rising');
    expect(trendOf(curve(length, (i) => -3 * i))).toBe('level');
  });

  it.each([9, 30, 200, 5000])('that is constant does not, of %i points', (length) => {
    expect(trendOf(curve(length, () => 0.7))).toBe('level');
  });

  it('that saturates does not once it is near its end: 1 - exp(-t)', () => {
    // From the second third on it gains exp(-2T/3) - exp(-T) of 1 - exp(-T): at T = 3 .0855 / .9502, at T = 9 .0024 / .9999.
    const saturating = (until: number): number[] => curve(300, (i) => 1 - Math.exp((-until * i) / 299));
    expect(trendOf(saturating(3))).toBe('rising');
    expect(trendOf(saturating(9))).toBe('level');
  });

  it('that rose in one step long ago does not, and one that rises in steps does', () => {
    expect(trendOf(curve(60, (i) => (i < 10 ? 0 : 1)))).toBe('level');
    expect(trendOf(curve(60, (i) => Math.floor(i / 5)))).toBe('rising');
  });

  it('of noise alone seldom does, and one that rises within noise does', () => {
    const outcomes = curve(200, (seed) => seed).map((seed) => {
      const [flat, rising] = [noise(seed, 1), noise(seed, 1)];
      return [trendOf(curve(90, () => flat())), trendOf(curve(90, (i) => 0.2 * i + rising()))] as const;
    });
    const wrong = outcomes.filter(([flat]) => flat === 'rising').length;
    const right = outcomes.filter(([, rises]) => rises === 'rising').length;
    // One in a hundred by the test; five in two hundred are not exceeded but with p < 0.02.
    expect(wrong).toBeLessThanOrEqual(5);
    expect(right).toBe(200);
  });

  it('of a few points is too short', () => {
    expect(trendOf(curve(8, (i) => i))).toBe('too short');
    expect(trendOf([])).toBe('too short');
  });
});
