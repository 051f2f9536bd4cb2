import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageSize } from '../../image/images.ts';
import { drawSamples } from '../drawn.ts';
import { around, both, box, ellipse, moved, polygon, stroke, union } from './shape.ts';
import { drawThings, THING_LABELS } from './things.ts';

describe('drawn things', () => {
  test('show every thing equally often', () => {
    const { labels } = drawThings(200, 1);
    for (let kind = 0; kind < THING_LABELS.length; kind++) {
      expect(labels.filter((other) => other === kind).length).toBe(20);
    }
  });

  test('do not depend on how many are drawn together', () => {
    const whole = drawThings(30, 7);
    const size = imageSize(whole.images);
    fc.assert(
      fc.property(fc.nat(29), fc.nat(29), (a, b) => {
        const [from, to] = a < b ? [a, b + 1] : [b, a + 1];
        const part = drawThings(to - from, 7, from);
        expect(Buffer.compare(part.images.data, whole.images.data.subarray(from * size, to * size))).toBe(0);
        expect(part.labels).toEqual(whole.labels.slice(from, to));
      }),
      { numRuns: 10 },
    );
  });

  test('are never drawn twice, neither within a seed nor under two seeds', () => {
    const seen = new Set<string>();
    for (const seed of [1, 2]) {
      const { images } = drawThings(100, seed);
      const size = imageSize(images);
      for (let i = 0; i < 100; i++) seen.add(images.data.subarray(i * size, (i + 1) * size).join());
    }
    expect(seen.size).toBe(200);
  });

  test('of another size show the same: what is drawn large and made small is what is drawn small, but for the noise', () => {
    const [small, large] = [drawThings(20, 3).images, drawThings(20, 3, 0, 64).images];
    let difference = 0;
    for (let at = 0; at < small.data.length; at++) {
      const [plane, row, column] = [Math.floor(at / 1024), Math.floor(at / 32) % 32, at % 32];
      const corner = plane * 4096 + 2 * row * 64 + 2 * column;
      const four = [0, 1, 64, 65].map((step) => large.data[corner + step]!);
      difference += Math.abs(small.data[at]! - four.reduce((sum, level) => sum + level, 0) / 4);
    }
    // Two pictures of different things differ by about 70 levels.
    expect(difference / small.data.length).toBeLessThan(12);
  });
});

test('samples are drawings of what a network knows, things for other square color networks, and nothing for others', () => {
  expect(drawSamples('digits', { channels: 1, height: 28, width: 28 }, 3, 1)?.name).toBe('digits');
  expect(drawSamples('mnist-train', { channels: 1, height: 28, width: 28 }, 3, 1)).toBeUndefined();
  const color = { channels: 3, height: 40, width: 40 } as const;
  expect(drawSamples('cifar10', color, 3, 1)?.images).toMatchObject({ ...color, count: 3 });
  expect(drawSamples(undefined, { channels: 3, height: 40, width: 30 }, 3, 1)).toBeUndefined();
});

test('shapes contain what they should', () => {
  expect([ellipse(1, 0, 2, 1)(2.9, 0), ellipse(1, 0, 2, 1)(1, 1.1)]).toEqual([true, false]);
  expect([box(0, 0, 2, 1)(1, 0.5), box(0, 0, 2, 1)(1, 2)]).toEqual([true, false]);
  const triangle = polygon(0, 0, 2, 0, 0, 2);
  expect([triangle(0.5, 0.5), triangle(1.5, 1.5)]).toEqual([true, false]);
  // Its ends are round: half the width beyond the end is inside, the corner of a square there is not.
  const line = stroke(0, 0, 2, 0, 1);
  expect([line(2.4, 0), line(2.4, 0.4), line(1, 0.6)]).toEqual([true, false, false]);
  expect([union(triangle, line)(1, -0.3), both(triangle, line)(1, -0.3)]).toEqual([true, false]);
  expect(moved(5, 5, triangle)(5.5, 5.5)).toBe(true);
  const petals = around(4, ellipse(1, 0, 0.2));
  expect([petals(1, 0), petals(0, 1), petals(-1, 0), petals(0.7, 0.7)]).toEqual([true, true, true, false]);
});
