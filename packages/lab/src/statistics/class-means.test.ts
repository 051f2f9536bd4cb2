import { expect, it } from 'vitest';
import { classMeans, cosines } from './class-means.ts';

// Two features; class 0 lies right of the middle (5, 5), class 1 above it, class 2 left and below.
const features = Float32Array.of(8, 5, 10, 5, 5, 8, 5, 12, 1, 0, 1, 0);
const known = classMeans(features, Int32Array.of(0, 0, 1, 1, 2, 2), 3);

it('means are those of each class, and the middle is theirs', () => {
  expect([...known.means]).toEqual([9, 5, 5, 10, 1, 0]);
  expect([...known.middle]).toEqual([5, 5]);
});

it('what lies in the direction of a class is as near as can be, however far away', () => {
  const scores = cosines(Float32Array.of(1005, 5, 5, 5.5, 5, -20, 5, 5), known);
  expect(scores[0]).toBeCloseTo(1, 6);
  expect(scores[1]).toBeCloseTo(0, 6);
  expect(scores[4]).toBeCloseTo(1, 6);
  // Straight down: opposite to class 1, and at the angle of (-4, -5) to class 2.
  expect(scores[7]).toBeCloseTo(-1, 6);
  expect(scores[8]).toBeCloseTo(5 / Math.hypot(4, 5), 6);
  // The middle itself is as near to all.
  expect([...scores.subarray(9)]).toEqual([0, 0, 0]);
});
