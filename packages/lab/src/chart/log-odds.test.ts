import { expect, it } from 'vitest';
import { HIGHEST_ODDS, LOWEST_ODDS, logOdds, ROUND_PERCENTAGES } from './log-odds.ts';

it('is the decimal logarithm of the odds', () => {
  expect(logOdds(0.5)).toBe(0);
  expect(logOdds(0.9)).toBeCloseTo(Math.log10(9), 12);
  expect(logOdds(1 / 101)).toBeCloseTo(-2, 12);
});

it('has a place for certainty and for impossibility', () => {
  expect([logOdds(1), logOdds(0)]).toEqual([HIGHEST_ODDS, LOWEST_ODDS]);
});

it('has each round percentage at its place', () => {
  for (const { percent, odds } of ROUND_PERCENTAGES) expect(odds).toBeCloseTo(logOdds(Number(percent) / 100), 6);
  expect(ROUND_PERCENTAGES.map(({ percent }) => percent)).toEqual([
    ...['0.0001', '0.001', '0.01', '0.1', '1', '10', '50', '90'],
    ...['99', '99.9', '99.99', '99.999', '99.9999', '99.99999'],
  ]);
});
