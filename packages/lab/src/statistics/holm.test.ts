import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holmAdjusted } from './holm.ts';

it('multiplies the smallest by all, the next by one less, and never falls', () => {
  // The example of the usual accounts of the method: at 0.05 the first and the last are shown.
  const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
  for (const [place, value] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[place]).toBeCloseTo(value, 12);
});

it('leaves a single one, and is at most 1', () => {
  expect(holmAdjusted([])).toEqual([]);
  expect(holmAdjusted([0.3])).toEqual([0.3]);
  expect(holmAdjusted([0.9, 0.8, 0.7])).toEqual([1, 1, 1]);
});

it('shows no less than Bonferroni does, and no more than no adjustment', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (ps) => {
      holmAdjusted(ps).forEach((adjusted, place) => {
        expect(adjusted).toBeGreaterThanOrEqual(ps[place]!);
        expect(adjusted).toBeLessThanOrEqual(Math.min(1, ps.length * ps[place]!) + 1e-15);
      });
    }),
  );
});
