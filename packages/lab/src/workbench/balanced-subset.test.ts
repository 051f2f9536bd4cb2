import { drawDigits } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { balancedPart, drawClasses } from './balanced-subset.ts';

const digits = drawDigits(100, 1);
const rows = (data: Uint8Array): string[] =>
  Array.from({ length: data.length / 784 }, (_, i) => data.subarray(784 * i, 784 * (i + 1)).join());

describe('a balanced part of a dataset', () => {
  it('has as many examples of each class, numbered in the order given and named as before', () => {
    const part = balancedPart(digits, { classes: [7, 2, 4], each: 3, seed: 1 });
    expect(part.classNames).toEqual(['7', '2', '4']);
    expect([...part.labels].sort()).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    const known = rows(digits.images.data);
    rows(part.images.data).forEach((row, i) => {
      expect(digits.labels[known.indexOf(row)]).toBe([7, 2, 4][part.labels[i]!]);
    });
  });

  it('of one seed lies inside a larger one, and is another one for another seed', () => {
    const part = (each: number, seed: number): string[] =>
      rows(balancedPart(digits, { classes: [0, 1, 2], each, seed }).images.data);
    const large = part(8, 1);
    for (const row of part(2, 1)) expect(large).toContain(row);
    expect(part(2, 2)).not.toEqual(part(2, 1));
  });

  it('is all there is where that is less', () => {
    expect(balancedPart(digits, { classes: [0, 1], each: 1e9, seed: 1 }).images.count).toBe(20);
  });
});

it('classes are drawn without replacement, fewer of them among more', () => {
  const four = drawClasses(4, 10, 3);
  expect(new Set(four).size).toBe(4);
  expect(drawClasses(2, 10, 3)).toEqual(four.slice(0, 2));
  expect([...drawClasses(10, 10, 3)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
