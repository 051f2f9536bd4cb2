import { describe, expect, it } from 'vitest';
import { highFrequencyShare, totalVariation } from './image-statistics.ts';

const shape = { channels: 1, height: 8, width: 8 } as const;
const image = (value: (x: number, y: number) => number): Uint8Array =>
  Uint8Array.from({ length: 64 }, (_, i) => value(i % 8, Math.floor(i / 8)));

describe('how images look', () => {
  it('total variation is 1 for a chessboard of black and white, half of it for stripes, 0 for one grey', () => {
    expect(
      totalVariation(
        image((x, y) => 255 * ((x + y) % 2)),
        shape,
      ),
    ).toBeCloseTo(1, 12);
    expect(
      totalVariation(
        image((x) => 255 * (x % 2)),
        shape,
      ),
    ).toBeCloseTo(0.5, 12);
    expect(
      totalVariation(
        image(() => 99),
        shape,
      ),
    ).toBe(0);
  });

  it('all power of a chessboard is at high frequencies, none of one slow wave; and Parseval holds for their sum', () => {
    expect(
      highFrequencyShare(
        image((x, y) => 255 * ((x + y) % 2)),
        shape,
      ),
    ).toBeCloseTo(1, 12);
    const wave = (x: number): number => 128 + 64 * Math.sin((2 * Math.PI * x) / 8);
    expect(
      highFrequencyShare(
        image((x) => wave(x)),
        shape,
      ),
    ).toBeLessThan(1e-3);
    // Amplitudes 64 and 32: powers 64^2 / 2 and 32^2.
    const sum = image((x, y) => wave(x) + ((x + y) % 2 === 0 ? 32 : -32));
    expect(highFrequencyShare(sum, shape)).toBeCloseTo(32 ** 2 / (32 ** 2 + 64 ** 2 / 2), 2);
    expect(
      highFrequencyShare(
        image(() => 7),
        shape,
      ),
    ).toBe(0);
  });
});
