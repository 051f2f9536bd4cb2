import { describe, expect, it } from 'vitest';
import { cosineWaves, valuesOf } from './dct.ts';

describe('cosine waves', () => {
  it('are as many as an image has values, and orthonormal', () => {
    const shape = { channels: 1, height: 5, width: 4 } as const;
    const waves = cosineWaves(shape).map((wave) => valuesOf(wave, shape));
    expect(waves).toHaveLength(20);
    for (const [i, a] of waves.entries()) {
      for (const [j, b] of waves.entries()) {
        const product = a.reduce((sum, value, k) => sum + value * b[k]!, 0);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 6);
      }
    }
  });

  it('are sums and differences of halves on two by two pixels', () => {
    const shape = { channels: 1, height: 2, width: 2 } as const;
    const expected = [
      [0.5, 0.5, 0.5, 0.5],
      [0.5, -0.5, 0.5, -0.5],
      [0.5, 0.5, -0.5, -0.5],
      [0.5, -0.5, -0.5, 0.5],
    ];
    cosineWaves(shape).forEach((wave, i) => {
      valuesOf(wave, shape).forEach((value, k) => {
        expect(value).toBeCloseTo(expected[i]![k]!, 6);
      });
    });
  });
});
