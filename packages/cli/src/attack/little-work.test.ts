import { attackNamed } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { littleWork } from './little-work.ts';

const line = (name: string, success: boolean, stop: string, initiallyWrong = false) => ({
  name,
  success,
  stop,
  initiallyWrong,
});
const lines = [line('a', true, 'found'), line('b', false, 'budget'), line('c', false, 'finished')];
const [square, pgd] = [attackNamed('square'), attackNamed('pgd')];

describe('an attack that left images', () => {
  it('is said to have been ended by its budget, and on how many images', () => {
    expect(littleWork(square, lines, { set: {}, budget: 100 }).map(({ what }) => what)).toEqual([
      'The budget of 100 queries ended square on 1 of 3 images that count as correct: more queries may change that',
    ]);
  });

  it('is said to have been weaker than its paper says', () => {
    expect(littleWork(pgd, lines, { set: { steps: 2 } }).map(({ what }) => what)).toEqual([
      "pgd ran with steps=2 (default 40), weaker than its paper's: images that it left may fall to the usual settings",
    ]);
  });

  it('is said to have been another one where settings differ that are no measure of work', () => {
    expect(littleWork(pgd, lines, { set: { steps: 80, relativeStep: 1e-12 } }).map(({ what }) => what)).toEqual([
      'pgd ran with relativeStep=1e-12 (default 0.1), not as its paper has it: images that it left may fall to the usual settings',
    ]);
  });

  it('has nothing said of it where it ran to its end', () => {
    expect(littleWork(pgd, lines.slice(2), { set: { steps: 40 }, budget: 9000 })).toEqual([]);
  });
});

it('nothing is said where no image is left', () => {
  const fallen = [line('a', true, 'found'), line('b', false, 'initially wrong', true)];
  expect(littleWork(square, fallen, { set: { steps: 1 }, budget: 1 })).toEqual([]);
});
