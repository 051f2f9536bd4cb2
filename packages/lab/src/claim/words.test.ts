import { expect, it } from 'vitest';
import { confidence, percentage, spread } from './words.ts';

it('a confidence is cut where its nines end, and never rounded up to certainty', () => {
  expect([0.5, 0.8811, 0.99, 0.9999, 0.99999, 1 - 1e-12, 1].map(confidence)).toEqual([
    '50.0 %',
    '88.1 %',
    '99.0 %',
    '99.99 %',
    '99.999 %',
    '99.999999 %',
    '100 %',
  ]);
});

it('a spread is said where there is one', () => {
  expect(spread({ lower: 0.1, median: 0.2, upper: 0.3 }, percentage)).toBe('20.0 % (10.0 % to 30.0 %)');
  expect(spread({ lower: 1, median: 1, upper: 1 }, percentage)).toBe('100.0 %');
});
