import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.ts';
import { transformSquare } from './fourier.ts';
import { pinkNoise } from './pink-noise.ts';

describe('the fast Fourier transform', () => {
  it('is the sum that defines it', () => {
    const n = 8;
    const random = Random.stream(3);
    const draw = (): Float64Array => Float64Array.from({ length: n * n }, () => random.normal());
    const [real, imaginary] = [draw(), draw()];
    const [re, im] = [real.slice(), imaginary.slice()];
    transformSquare(re, im, n);
    for (const [row, column] of [
      [0, 0],
      [1, 0],
      [3, 5],
      [7, 4],
    ] as const) {
      let [a, b] = [0, 0];
      for (let v = 0; v < n; v++) {
        for (let u = 0; u < n; u++) {
          const angle = (2 * Math.PI * (v * row + u * column)) / n;
          const [x, y] = [real[v * n + u]!, imaginary[v * n + u]!];
          a += x * Math.cos(angle) - y * Math.sin(angle);
          b += x * Math.sin(angle) + y * Math.cos(angle);
        }
      }
      expect(re[row * n + column]).toBeCloseTo(a, 10);
      expect(im[row * n + column]).toBeCloseTo(b, 10);
    }
  });
});

describe('1/f noise', () => {
  const side = 64;

  it.each([1, 3] as const)('has a power that falls as 1/f^2, with %i channels', (channels) => {
    const count = 30;
    const { data } = pinkNoise.make({ channels, height: side, width: side }, count, Random.stream(5));
    const sums = new Float64Array(side);
    const numbers = new Float64Array(side);
    for (let plane = 0; plane < count * channels; plane++) {
      const re = Float64Array.from(data.subarray(plane * side * side, (plane + 1) * side * side));
      const im = new Float64Array(side * side);
      transformSquare(re, im, side);
      for (let i = 0; i < re.length; i++) {
        const [v, u] = [Math.floor(i / side), i % side];
        const f = Math.hypot(Math.min(u, side - u), Math.min(v, side - v));
        if (f < 1 || f > side / 2) continue;
        // Power times f^2 is the same at all frequencies.
        sums[Math.round(f)]! += (re[i]! ** 2 + im[i]! ** 2) * f * f;
        numbers[Math.round(f)]!++;
      }
    }
    // The slope of log power over log f, by least squares over the rings.
    const points = Array.from({ length: side / 2 - 1 }, (_, i) => i + 2).map((f) => [
      Math.log(f),
      Math.log(sums[f]! / numbers[f]!) - 2 * Math.log(f),
    ]);
    const mean = (axis: number): number => points.reduce((sum, point) => sum + point[axis]!, 0) / points.length;
    const [x, y] = [mean(0), mean(1)];
    const slope =
      points.reduce((sum, point) => sum + (point[0]! - x) * (point[1]! - y), 0) /
      points.reduce((sum, point) => sum + (point[0]! - x) ** 2, 0);
    expect(slope).toBeCloseTo(-2, 1);
  });

  it('fills the range', () => {
    const { data } = pinkNoise.make({ channels: 3, height: 30, width: 50 }, 1, Random.stream(6));
    expect([Math.min(...data), Math.max(...data)]).toEqual([0, 255]);
  });
});
