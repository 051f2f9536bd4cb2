import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

it('a pace is that of the kind, or of all together where the kind is new, and nothing in the first half second', () => {
  const pace = new Pace();
  expect(pace.secondsFor('cppn', 0)).toBe(0);
  expect(pace.secondsFor('cppn', 10)).toBeUndefined();
  pace.note('cppn', 5, 0.25);
  expect(pace.secondsFor('cppn', 10)).toBeUndefined();
  pace.note('cppn', 5, 0.75);
  // 10 passes in 1 s.
  expect(pace.secondsFor('cppn', 20)).toBe(2);
  expect(pace.secondsFor('ascent', 20)).toBe(2);
  pace.note('ascent', 10, 4);
  expect(pace.secondsFor('ascent', 20)).toBe(8);
  expect(pace.secondsFor('cppn', 20)).toBe(2);
});

it('a pace follows a machine that becomes slower', () => {
  const pace = new Pace();
  pace.note('cppn', 160, 16);
  // What was before counts half: 80 passes in 8 s, and 8 in 8 s.
  pace.note('cppn', 8, 8);
  expect(pace.secondsFor('cppn', 88)).toBe(16);
});
