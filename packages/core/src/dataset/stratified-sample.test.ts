import { expect, it } from 'vitest';
import { stratifiedSample } from './stratified-sample.ts';

// 90 examples of class 0, 8 of class 1, 2 of class 7.
const labels = Int32Array.from({ length: 100 }, (_, place) => (place < 90 ? 0 : place < 98 ? 1 : 7));
const counts = (places: readonly number[]) => [0, 1, 7].map((k) => places.filter((p) => labels[p] === k).length);

it('a stratified sample has as many of each class as there are', () => {
  expect(counts(stratifiedSample(labels, 6, 1))).toEqual([2, 2, 2]);
  expect(counts(stratifiedSample(labels, 20, 1))).toEqual([10, 8, 2]);
  expect(stratifiedSample(labels, 200, 1)).toEqual([...labels.keys()]);
});

it('is decided by the seed, has no place twice, and is in ascending order', () => {
  const sample = stratifiedSample(labels, 20, 3);
  expect(sample).toEqual(stratifiedSample(labels, 20, 3));
  expect(sample).not.toEqual(stratifiedSample(labels, 20, 4));
  expect(sample).toEqual([...new Set(sample)].sort((a, b) => a - b));
});
