import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { bumps, drawWindow, placesIn } from './square-window.ts';

describe('a window', () => {
  it('reaches every place of the image, the last row and column too', () => {
    const shape = { channels: 3, height: 6, width: 5 } as const;
    const random = Random.stream(1);
    for (const side of [1, 2, 4, 5]) {
      const touched = new Set<number>();
      for (let draw = 0; draw < 400; draw++) {
        for (const place of placesIn(shape, 2, drawWindow(shape, side, random))) touched.add(place);
      }
      expect([...touched].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => 60 + i));
    }
  });
});

describe('the pattern of the L2 attack', () => {
  it('is that of equation 2 at side 3', () => {
    // Rings around the centres of a rectangle of one row and of one of two: 1 + 1/4 in the middle, 1/4 around it.
    const rows = [
      [0.25, 1.25, 0.25],
      [-0.25, -0.25, -0.25],
      [-0.25, -1.25, -0.25],
    ];
    const length = Math.sqrt(2 * 1.25 ** 2 + 7 * 0.25 ** 2);
    const expected = rows.flat().map((value) => value / length);
    bumps(3, false).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
    // Sideways it is transposed.
    bumps(3, true).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[(i % 3) * 3 + Math.floor(i / 3)]!, 6);
    });
  });

  it.each([1, 2, 3, 5, 8, 21])('has length 1 at side %i', (side) => {
    const squares = bumps(side, true).reduce((sum, value) => sum + value * value, 0);
    expect(squares).toBeCloseTo(1, 6);
  });
});
