import { expect, it } from 'vitest';
import { addedBy } from './guard-text.ts';
import { addedTime } from './latency.ts';

const told = (...turns: readonly (readonly [one: number, other: number])[]): string => {
  const { added, noise } = addedTime(turns.map(([one, other]) => ({ one, other })));
  return addedBy('knn', { added: { knn: added }, noise: { knn: noise } });
};

it('a quiet machine tells what a detector adds', () => {
  expect(told([4, 5.5], [4.1, 5.6], [4.05, 5.55], [4, 5.5])).toBe('+1.50 ms');
});

it('a busy one says that it does not know, never that a detector saves time', () => {
  expect(told([17, 4.3], [20, 5], [4.3, 19], [18, 21])).toBe('within noise (14.70 ms)');
  expect(told([9, 5], [9, 5], [9, 5], [9, 5])).toBe('within noise (4.00 ms)');
  expect(told([900, 800])).toBe('not measured (too slow)');
});
