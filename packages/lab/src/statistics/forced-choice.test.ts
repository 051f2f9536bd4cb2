import { describe, expect, it } from 'vitest';
import { choiceRate, labelsBelow } from './forced-choice.ts';

describe('a choice among four of ten labels', () => {
  it('is always right for the nearest label, never for one with fewer than three behind it', () => {
    expect(choiceRate(9, 10, 3)).toBe(1);
    expect(choiceRate(2, 10, 3)).toBe(0);
  });

  it('is right in C(5,3) of C(9,3) draws where five score less', () => {
    expect(choiceRate(5, 10, 3)).toBeCloseTo(10 / 84, 12);
  });

  it('is right in a quarter of all cases where every rank is as likely', () => {
    const rates = Array.from({ length: 10 }, (_, below) => choiceRate(below, 10, 3));
    expect(rates.reduce((sum, rate) => sum + rate, 0) / 10).toBeCloseTo(0.25, 12);
  });
});

it('labels that score less are counted, equal ones half', () => {
  expect(labelsBelow(Float32Array.of(0.1, 0.5, 0.5, 0.9), 1)).toBe(1.5);
});
