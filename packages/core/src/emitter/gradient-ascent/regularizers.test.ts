import { describe, expect, it } from 'vitest';
import { blur, clipSmallBenefit, clipSmallNorm, decayL2 } from './regularizers.ts';

describe('regularisers', () => {
  it('blur spreads a point as the normalised bell curve', () => {
    const shape = { channels: 1, height: 21, width: 21 } as const;
    const x = new Float32Array(441);
    x[10 * 21 + 10] = 1;
    blur(x, shape, 1.2);
    const bell = (d2: number): number => Math.exp(-d2 / (2 * 1.44));
    for (const [dy, dx] of [
      [0, 1],
      [2, 0],
      [3, 2],
    ] as const) {
      expect(x[(10 + dy) * 21 + 10 + dx]! / x[220]!).toBeCloseTo(bell(dy * dy + dx * dx), 5);
    }
    expect(x.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });

  it('blur keeps a flat image flat up to the border, on every plane by itself', () => {
    const x = Float32Array.from({ length: 2 * 3 * 20 }, (_, i) => Math.floor(i / 20));
    const before = x.slice();
    blur(x, { channels: 3, height: 4, width: 5 }, 2);
    x.forEach((value, i) => {
      expect(value).toBeCloseTo(before[i]!, 5);
    });
  });

  it('decay shrinks by its share', () => {
    const x = Float32Array.of(1, -2);
    decayL2(x, 0.25);
    expect([...x]).toEqual([0.75, -1.5]);
  });

  it('clipping by norm looks at all channels of a pixel together, in each image by itself', () => {
    // Two images of two pixels and three channels; planes (pixel 0, pixel 1).
    const x = Float32Array.of(1, 0, 1, 0, 1, 1.5, 0, 9, 0.1, 0, 0, 0);
    clipSmallNorm(x, { channels: 3, height: 1, width: 2 }, 0.5);
    expect([...x].map((v) => Math.round(v * 10) / 10)).toEqual([1, 0, 1, 0, 1, 0, 0, 9, 0, 0, 0, 0]);
  });

  it('clipping by benefit removes the pixels that work against the class', () => {
    const x = Float32Array.of(1, -1, 0.5, 0.2);
    clipSmallBenefit(x, Float32Array.of(-2, 1, 3, 1), { channels: 1, height: 2, width: 2 }, 0.5);
    expect([...x].map((v) => Math.round(v * 10) / 10)).toEqual([0, 0, 0.5, 0.2]);
  });
});
