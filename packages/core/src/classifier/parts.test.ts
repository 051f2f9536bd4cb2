import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parts, partsByMemory } from './parts.ts';

it('parts follow each other from the first image to the last, as few as can be, and none is larger than another by two', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.integer({ min: 1, max: 600 }), (count, most) => {
      const cut = [...parts(count, most)];
      expect(cut.length).toBe(Math.ceil(count / most));
      expect([...cut.map(({ from }) => from), count]).toEqual([0, ...cut.map(({ to }) => to)]);
      const sizes = cut.map(({ from, to }) => to - from);
      expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(most);
      expect(Math.max(0, ...sizes) - Math.min(...sizes, Math.max(0, ...sizes))).toBeLessThanOrEqual(1);
    }),
  );
});

it('images are made four million values at a time, and one at least', () => {
  expect([...partsByMemory(12, 1_000_000)].map(({ to }) => to)).toEqual([4, 8, 12]);
  expect([...partsByMemory(2, 5_000_000)].map(({ to }) => to)).toEqual([1, 2]);
});
