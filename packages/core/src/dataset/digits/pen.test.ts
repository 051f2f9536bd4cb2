import { expect, test } from 'vitest';
import { draw, type Pen } from './pen.ts';

const SIZE = 40;
const ballpoint: Pen = { radius: 3, contrast: 0, angle: 0, softness: 1 };

function ink(lines: readonly Float64Array[], pen: Pen): number {
  const coverage = new Float32Array(SIZE * SIZE);
  draw(lines, pen, SIZE, coverage);
  return coverage.reduce((sum, value) => sum + value, 0);
}

test('a line covers the area of a rectangle with two half discs', () => {
  // Length 18, width 6: 18 * 6 + 9 pi.
  const area = ink([Float64Array.of(10.2, 12.7, 24.6, 23.5)], ballpoint);
  expect(Math.abs(area / (108 + 9 * Math.PI) - 1)).toBeLessThan(0.01);
});

test('a line drawn over twice is no darker', () => {
  const line = Float64Array.of(10.2, 12.7, 24.6, 23.5);
  expect(ink([line, line], ballpoint)).toBe(ink([line], ballpoint));
});

test('a broad nib draws a wide line in its own direction and a thin one across', () => {
  const nib: Pen = { ...ballpoint, contrast: 0.5 };
  const along = ink([Float64Array.of(10, 20, 30, 20)], nib);
  const across = ink([Float64Array.of(20, 10, 20, 30)], nib);
  // Widths 9 and 3 over a length of 20, and the discs at the ends.
  expect(Math.abs(along / (180 + 20.25 * Math.PI) - 1)).toBeLessThan(0.02);
  expect(Math.abs(across / (60 + 2.25 * Math.PI) - 1)).toBeLessThan(0.02);
});

test('what lies outside the image is left out', () => {
  expect(ink([Float64Array.of(-50, -50, -20, -10)], ballpoint)).toBe(0);
});
