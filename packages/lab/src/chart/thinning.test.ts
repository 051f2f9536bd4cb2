import fc from 'fast-check';
import { expect, it } from 'vitest';
import { thin } from './thinning.ts';

it('leaves a short history as it is', () => {
  expect(thin([1, 2, 3], 3)).toEqual([1, 2, 3]);
});

it('keeps the first and the last of a long one, in order, without repeats', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 3000 }), fc.integer({ min: 2, max: 400 }), (length, limit) => {
      const rows = Array.from({ length }, (_, index) => index);
      const thinned = thin(rows, limit);
      expect(thinned).toHaveLength(Math.min(length, limit));
      expect([thinned[0], thinned.at(-1)]).toEqual([0, length - 1]);
      expect(thinned.every((row, i) => i === 0 || row > thinned[i - 1]!)).toBe(true);
    }),
  );
});
