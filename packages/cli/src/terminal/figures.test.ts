import { describe, expect, it } from 'vitest';
import { count, duration, percent } from './figures.ts';

describe('per cent', () => {
  it.each([
    [0, '0.00 %'],
    [0.5, '50.00 %'],
    [0.9999, '99.99 %'],
    [0.99996, '99.996 %'],
    [0.99999, '99.999 %'],
    [0.9999999, '99.99999 %'],
    [1 - 1e-12, '> 99.9999999 %'],
    [1, '100 %'],
  ])('%d is %s: never a false hundred', (share, text) => {
    expect(percent(share)).toBe(text);
  });
});

describe('a time span', () => {
  it.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.6, '1:00 min'],
    [65, '1:05 min'],
    [7384, '2:03:04 h'],
  ])('of %d s is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('a count', () => {
  it.each([
    [0.25, '0.3'],
    [40200, '40,200'],
    [12345.678, '12,346'],
  ])('of %d is %s', (value, text) => {
    expect(count(value)).toBe(text);
  });
});
