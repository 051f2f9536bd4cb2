import { expect, it } from 'vitest';
import { resultTable } from './table.ts';

it('of many classes shows the most certain and the hardest, both', () => {
  const classes = Array.from({ length: 1000 }, (_, classIndex) => {
    const className = `c${classIndex}`;
    return { classIndex, className, confidence: classIndex / 1000, argmax: classIndex, file: `${classIndex}.png` };
  });
  const table = resultTable(
    classes,
    classes.map(({ className }) => className),
  );
  const numbers = [...table.matchAll(/^ *(\d+) {2}c/gm)].map(([, index]) => Number(index));
  const first = Array.from({ length: 12 }, (_, index) => index);
  expect(table).toContain('The 12 most certain of 1000 classes:');
  expect(table).toContain('The 12 hardest:');
  expect(numbers).toEqual([...first.map((index) => 999 - index), ...first]);
});
