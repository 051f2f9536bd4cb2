import { expect, it } from 'vitest';
import { countedGenerations } from './observer.ts';

it.each([
  ['before the first images', 0, 201, 0, 200],
  ['after the first images', 1, 201, 0, 200],
  ['in between', 100, 201, 99, 200],
  ['at the end', 201, 201, 200, 200],
])('generations are as the user asked for them: %s', (_, told, total, generations, all) => {
  expect(countedGenerations(told, total)).toEqual({ generations, total: all });
});

it('all are counted where the emitter ends by itself', () => {
  expect(countedGenerations(3, undefined)).toEqual({ generations: 3, total: undefined });
});
