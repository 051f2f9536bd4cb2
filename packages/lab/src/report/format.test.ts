import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCount, formatDuration, formatPercent } from './format.ts';

const shown = (p: number): string => formatPercent(p).replaceAll('\u00a0', ' ');
const read = (text: string): number => Number(text.replace(/[<%\u00a0]/g, '')) / 100;

describe('a percentage', () => {
  it.each([
    [1, '100 %'],
    [0.9999998, '99.99998 %'],
    [0.999998, '99.9998 %'],
    [0.9999, '99.99 %'],
    [0.99975, '99.97 %'],
    [0.99, '99 %'],
    [0.613, '61.3 %'],
    [0.5, '50 %'],
    [0.0312, '3.1 %'],
    [0.00196, '0.19 %'],
    [0.0099999, '0.99 %'],
    [0.00042, '0.042 %'],
    [0.0001, '0.01 %'],
    [1.5e-6, '0.00015 %'],
    [1e-9, '< 0.0001 %'],
    [0, '0 %'],
  ])('%d reads %s', (p, text) => {
    expect(shown(p)).toBe(text);
  });

  it('of the float just below 1 is not 100', () => {
    expect(shown(1 - 2 ** -24)).toBe('99.999994 %');
    expect(shown(1 - 2 ** -53)).not.toBe('100 %');
  });

  it('never claims more certainty than there is, nor less where that is asked', () => {
    const probability = fc.double({ min: 1e-6, max: 1 - 1e-9, noNaN: true });
    fc.assert(
      fc.property(probability, (p) => {
        const tolerance = 1e-6 * Math.min(p, 1 - p) + 1e-15;
        expect(read(formatPercent(p))).toBeLessThanOrEqual(p + tolerance);
        expect(read(formatPercent(p, 'up'))).toBeGreaterThanOrEqual(p - tolerance);
      }),
    );
  });

  it('is cut by less than the doubt that is left', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.9, max: 1 - 1e-9, noNaN: true }), (p) => {
        expect(p - read(formatPercent(p))).toBeLessThan(1.001 * (1 - p));
      }),
    );
  });
});

describe('counts and times', () => {
  it('set thousands apart', () => {
    expect(formatCount(40_200)).toBe('40,200');
  });

  it('use the unit that fits', () => {
    expect(
      [8.42, 59.97, 185, 7620, 3599.8].map((seconds) => formatDuration(seconds).replaceAll('\u00a0', ' ')),
    ).toEqual(['8.4 s', '1 min 00 s', '3 min 05 s', '2 h 07 min', '1 h 00 min']);
  });
});
