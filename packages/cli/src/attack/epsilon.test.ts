import { expect, it } from 'vitest';
import { emptyBalls } from './epsilon.ts';

it('an epsilon below a level of 8 bits is said to leave nothing to attack, in floating point only 0', () => {
  expect(emptyBalls([0, 0.001, 1 / 255, 0.0039215, 0.3], true).map((sentence) => sentence.split(' ')[1])).toEqual([
    '0',
    '0.001',
  ]);
  expect(emptyBalls([0, 0.001], false)).toEqual([
    'Epsilon 0 allows no image but the original, so nothing is attacked there',
  ]);
  expect(emptyBalls(undefined, true)).toEqual([]);
});
