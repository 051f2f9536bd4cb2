import { describe, expect, it } from 'vitest';
import { coordinate, distance, exp2, gaussian, ramp, sigmoid, sine } from './functions.ts';

/** Singles spread over `from .. to`. */
function spread(from: number, to: number, count = 100_000): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}

function largestError(points: Float32Array, ours: (p: number) => number, exact: (p: number) => number): number {
  return points.reduce((worst, p) => Math.max(worst, Math.abs(ours(p) - exact(p))), 0);
}

describe('the functions are the exact ones to single precision', () => {
  // Half a unit in the last place below 1 is 3e-8, and the reduced argument is rounded besides.
  it('sine, also for the large arguments of deep networks', () => {
    expect(largestError(spread(-4, 4), sine, Math.sin)).toBeLessThan(1.5e-7);
    expect(largestError(spread(-500, 500), sine, Math.sin)).toBeLessThan(1.5e-7);
    expect(largestError(spread(-10_000, 10_000), sine, Math.sin)).toBeLessThan(2.5e-7);
  });

  it('powers of 2, relative to the power', () => {
    const relative = (t: number): number => exp2(t) / 2 ** t;
    expect(largestError(spread(-126, 0), relative, () => 1)).toBeLessThan(2e-7);
    expect(exp2(0)).toBe(1);
    expect(exp2(-3)).toBe(1 / 8);
  });

  it('sigmoid, Gaussian and ramp', () => {
    const points = spread(-30, 30);
    expect(largestError(points, sigmoid, (p) => 2 / (1 + Math.exp(-p)) - 1)).toBeLessThan(2e-7);
    expect(largestError(points, gaussian, (p) => Math.exp(-p * p))).toBeLessThan(2e-7);
    expect(largestError(points, ramp, (p) => Math.max(-3, Math.min(3, p)) / 3)).toBeLessThan(1e-7);
  });
});

it('no sum of weights leads out of [-1, 1], save by rounding', () => {
  for (const size of [0, 1e-30, 1, 50, 1e3, 1e4, 1e6, 9e6]) {
    for (const p of [size, -size].map(Math.fround)) {
      for (const f of [sine, sigmoid, gaussian, ramp]) expect(Math.abs(f(p))).toBeLessThan(1 + 1e-6);
    }
  }
});

describe('coordinates', () => {
  it('are those of the centres of pixels, and exactly odd', () => {
    expect([0, 1, 2, 3].map((i) => coordinate(i, 4))).toEqual([-0.75, -0.25, 0.25, 0.75]);
    for (const size of [1, 28, 33, 227, 4096]) {
      for (let i = 0; i < size; i++) expect(coordinate(i, size) + coordinate(size - 1 - i, size)).toBe(0);
    }
  });

  it('have their distance from the centre', () => {
    expect(distance(0.6, -0.8)).toBeCloseTo(1, 6);
    expect(distance(0, 0)).toBe(0);
  });
});
