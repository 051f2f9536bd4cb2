import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatEpsilon,
  formatNumber,
  formatPercent,
  formatPValue,
  formatQuartiles,
  formatSignificance,
} from './format.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const read = (text: string): number => Number(text.replace(/[<>%,\u00a0]/g, '').replace('\u2212', '-'));
/** Half a unit of the last digit that is shown. */
const halfUnit = (text: string): number => {
  const digits = /[\d.,]+/.exec(text)![0];
  const decimals = digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0;
  return 0.5 * 10 ** -decimals;
};

/** Probabilities of every size, many of them near 0 and near 1. */
const probability = fc
  .record({ exponent: fc.double({ min: -5.9, max: -0.302, noNaN: true }), high: fc.boolean() })
  .map(({ exponent, high }) => (high ? 1 - 10 ** exponent : 10 ** exponent));

describe('a percentage', () => {
  it.each([
    [1, '100 %'],
    [0.9999998, '99.99998 %'],
    [0.999998, '99.9998 %'],
    [0.9999, '99.99 %'],
    [Math.fround(0.9999), '99.99 %'],
    [0.999896, '99.9896 %'],
    [0.99985, '99.985 %'],
    [0.9994, '99.94 %'],
    [0.99, '99 %'],
    [0.98997, '98.997 %'],
    [2 / 3, '66.7 %'],
    [0.7276, '72.8 %'],
    [0.613, '61.3 %'],
    [0.5, '50 %'],
    [0.0312, '3.1 %'],
    [0.00196, '0.2 %'],
    [0.00194, '0.19 %'],
    [0.00042, '0.042 %'],
    [0.0001, '0.01 %'],
    [1.5e-6, '0.00015 %'],
    [1e-9, '< 0.0001 %'],
    [1 - 1e-12, '> 99.9999999 %'],
    [0, '0 %'],
  ])('%d reads %s', (p, text) => {
    expect(plain(formatPercent(p))).toBe(text);
  });

  it('is within half a unit of the last digit shown', () => {
    fc.assert(
      fc.property(probability, (p) => {
        const text = formatPercent(p);
        expect(Math.abs(read(text) - 100 * p)).toBeLessThanOrEqual(halfUnit(text) * (1 + 1e-6));
      }),
    );
  });

  it('has at least two digits of the distance to 0 and to 100 %', () => {
    fc.assert(
      fc.property(probability, (p) => {
        const distance = 100 * Math.min(p, 1 - p);
        expect(Math.abs(read(formatPercent(p)) - 100 * p)).toBeLessThanOrEqual(0.05 * distance * (1 + 1e-6));
      }),
    );
  });

  it('never falls where the number grows', () => {
    fc.assert(
      fc.property(probability, fc.double({ min: 0, max: 0.02, noNaN: true }), (p, step) => {
        const more = Math.min(1, p + step * Math.min(p, 1 - p));
        expect(read(formatPercent(more))).toBeGreaterThanOrEqual(read(formatPercent(p)));
      }),
      { numRuns: 2000 },
    );
  });

  it('is 100 of nothing but 1, and 0 of nothing but 0', () => {
    for (const p of [1 - 2 ** -24, 1 - 2 ** -53, 1 - 1e-9, 0.999999999]) expect(formatPercent(p)).not.toMatch(/^100/);
    fc.assert(
      fc.property(fc.double({ min: 2 ** -1074, max: 1 - 2 ** -53, noNaN: true }), (p) => {
        expect(formatPercent(p)).not.toMatch(/^(100|0)\u00a0%/);
      }),
    );
  });

  it.each([0.9, 0.99, 0.999, 0.9999, 0.99999])('of less than %d does not read as that', (nines) => {
    fc.assert(
      fc.property(fc.double({ min: 1.0011, max: 2, noNaN: true }), (factor) => {
        expect(read(formatPercent(1 - factor * (1 - nines)))).toBeLessThan(100 * nines - 1e-9);
      }),
    );
  });
});

describe('a number without a unit', () => {
  it.each([
    [0, '0'],
    [0.1, '0.1'],
    [0.12345, '0.123'],
    [-0.5678, '\u22120.568'],
    [12.345, '12.3'],
    [1234.5, '1,235'],
  ])('%d reads %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('is within half a unit of its last significant digit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 999, noNaN: true }), fc.integer({ min: 3, max: 6 }), (value, digits) => {
        const unit = 10 ** (Math.floor(Math.log10(value)) - digits + 1);
        expect(Math.abs(read(formatNumber(value, digits)) - value)).toBeLessThanOrEqual(0.5 * unit * (1 + 1e-6));
      }),
    );
  });
});

it('counts set thousands apart', () => {
  expect(formatCount(40_200)).toBe('40,200');
});

it('times use the unit that fits', () => {
  expect([8.42, 9.97, 42.4, 59.97, 185, 7620, 3599.8].map((seconds) => plain(formatDuration(seconds)))).toEqual([
    '8.4 s',
    '10 s',
    '42 s',
    '1 min 00 s',
    '3 min 05 s',
    '2 h 07 min',
    '1 h 00 min',
  ]);
});

it('radii are levels of 255 where that is shorter', () => {
  expect([0.1, 8 / 255, 0.03, 1 / 3, 2].map(formatEpsilon)).toEqual(['0.1', '8/255', '0.03', '85/255', '2']);
});

it('p-values end at a thousandth', () => {
  expect([0.0004, 0.0124].map((p) => plain(formatPValue(p)))).toEqual(['< 0.001', '0.012']);
  expect([0.0004, 0.0124].map((p) => plain(formatSignificance(p)))).toEqual(['p < 0.001', 'p = 0.012']);
});

it('a median has its quartiles in brackets where they differ', () => {
  expect(formatQuartiles({ lower: 1, median: 2, upper: 3 }, String)).toBe('2 (1 to 3)');
  expect(formatQuartiles({ lower: 2, median: 2, upper: 2 }, String)).toBe('2');
});
