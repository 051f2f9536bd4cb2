import { expect, it } from 'vitest';
import { nearnessOfSharing, sharedImages } from './shared-images.ts';

it('an image that holds several cells is listed with them, the largest group first', () => {
  expect(sharedImages([7, 5, 7, 9, 5, 7, -1, -1])).toEqual([
    { id: 7, cells: [0, 2, 5] },
    { id: 5, cells: [1, 4] },
  ]);
});

it('neighbours that share are nearer than chance, classes dealt out are not, and nobody sharing has no test', () => {
  const order = Array.from({ length: 60 }, (_, i) => 10 * i);
  const neighbours = nearnessOfSharing(
    order.map((_, i) => i >> 2),
    order,
  )!;
  // Four neighbours: distances 1, 1, 1, 2, 2, 3 in places of ten, so 100 / 6 in the mean.
  expect(neighbours.observed).toBeCloseTo(100 / 6, 10);
  // Two places of n at random are (n + 1) / 3 apart in the mean.
  expect(neighbours.expected).toBeGreaterThan(0.97 * ((10 * 61) / 3));
  expect(neighbours.expected).toBeLessThan(1.03 * ((10 * 61) / 3));
  expect(neighbours.p).toBeLessThan(0.001);
  const apart = nearnessOfSharing(
    order.map((_, i) => i % 15),
    order,
  )!;
  expect(apart.p).toBeGreaterThan(0.1);
  expect(nearnessOfSharing([1, 2, 3], [0, 1, 2])).toBeUndefined();
});
