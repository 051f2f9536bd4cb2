import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, type Ball, distances, isInside, type Norm, project } from './norm.ts';

const SIZE = 6;
const vector = (min: number, max: number) =>
  fc.float32Array({ min: Math.fround(min), max: Math.fround(max), noNaN: true, minLength: SIZE, maxLength: SIZE });

/** An image, where it has gone to (maybe outside of the box), how far it may go, and directions to look into. */
const SCENE = fc.record({
  original: vector(0, 1),
  wanted: vector(-1.5, 2.5),
  share: fc.double({ min: 0.01, max: 1, noNaN: true }),
  others: fc.array(vector(0, 1), { minLength: 30, maxLength: 30 }),
});

const WIDEST = { linf: 1, l2: Math.sqrt(SIZE), l1: SIZE, l0: SIZE } as const;

/** The point of ball and box on the way from the original to an image of the box: both are convex. */
function pulledInside(image: Float32Array, original: Float32Array, { norm, epsilon }: Ball): Float32Array {
  const distance = distances(image, original)[norm];
  const share = distance > epsilon ? epsilon / distance : 1;
  return image.map((pixel, i) => original[i]! + share * (pixel - original[i]!));
}

describe.each(['linf', 'l2', 'l1'] as const)('the projection on ball and box in %s', (norm) => {
  it('is inside both, and nothing inside both is nearer', () => {
    fc.assert(
      fc.property(SCENE, ({ original, wanted, share, others }) => {
        const ball = { norm, epsilon: share * WIDEST[norm] };
        const nearest = project(wanted.slice(), original, ball);
        expect(isInside(nearest, original, ball)).toBe(true);
        // The projection theorem: (wanted - nearest) (other - nearest) <= 0 for all others of a convex set.
        for (const other of others.map((image) => pulledInside(image, original, ball))) {
          const product = wanted.reduce((sum, value, i) => sum + (value - nearest[i]!) * (other[i]! - nearest[i]!), 0);
          expect(product).toBeLessThan(1e-5);
        }
      }),
    );
  });

  it('leaves what is inside as it is, and its own result', () => {
    fc.assert(
      fc.property(SCENE, ({ original, wanted, share, others }) => {
        const ball = { norm, epsilon: share * WIDEST[norm] };
        const inside = pulledInside(others[0]!, original, { norm, epsilon: 0.99 * ball.epsilon });
        const kept = project(inside.slice(), original, ball);
        for (const [i, pixel] of kept.entries()) expect(pixel).toBeCloseTo(inside[i]!, 6);
        const once = project(wanted.slice(), original, ball);
        const twice = project(once.slice(), original, ball);
        for (const [i, pixel] of twice.entries()) expect(pixel).toBeCloseTo(once[i]!, 6);
      }),
    );
  });

  it('is the original at epsilon 0', () => {
    fc.assert(
      fc.property(SCENE, ({ original, wanted }) => {
        const same = project(wanted.slice(), original, { norm, epsilon: 0 });
        // As numbers: a black pixel may be -0.
        for (const [i, pixel] of same.entries()) expect(pixel === original[i], `pixel ${i}`).toBe(true);
      }),
    );
  });
});

it('in L2 a value beyond the box keeps its weight: (2, .5) goes to the circle at atan(.5), not at atan(1)', () => {
  // Around the black corner nothing but the circle is in the way of the ray to (2, 1) / sqrt 5.
  const image = project(Float32Array.of(2, 1), Float32Array.of(0, 0), { norm: 'l2', epsilon: 0.5 });
  expect(image[0]).toBeCloseTo((0.5 * 2) / Math.sqrt(5), 6);
  expect(image[1]).toBeCloseTo((0.5 * 1) / Math.sqrt(5), 6);
});

it('in L0 the largest changes stay and the others go', () => {
  const original = Float32Array.of(0.5, 0.5, 0.5, 0.5);
  const image = Float32Array.of(0.75, 0.25, 0.5, 1);
  expect(project(image, original, { norm: 'l0', epsilon: 1 })).toEqual(Float32Array.of(0.5, 0.5, 0.5, 1));
});

describe('a step in L1', () => {
  it('gains the most that its length can: the steepest values first, each to the end of the box', () => {
    fc.assert(
      fc.property(vector(0, 1), vector(-1, 1), fc.double({ min: 0.01, max: 3, noNaN: true }), (image, slope, size) => {
        const moved = advance(image.slice(), slope, size, 'l1');
        const gain = moved.reduce((sum, pixel, i) => sum + slope[i]! * (pixel - image[i]!), 0);
        // A fractional knapsack, from its dual: min over p >= 0 of p size + sum of room (|slope| - p)+, at one of the slopes.
        const room = image.map((pixel, i) => (slope[i]! > 0 ? 1 - pixel : pixel));
        const bound = (price: number): number =>
          price * size + slope.reduce((sum, g, i) => sum + room[i]! * Math.max(0, Math.abs(g) - price), 0);
        const most = Math.min(...[0, ...slope].map((g) => bound(Math.abs(g))));
        expect(gain).toBeCloseTo(most, 5);
        expect(distances(moved, image).l1).toBeLessThanOrEqual(size + 1e-5);
      }),
    );
  });
});

it('measures a change of .5 and one of -.25', () => {
  const found = distances(Float32Array.of(1, 0.5, 0), Float32Array.of(0.5, 0.5, 0.25));
  const expected: Record<Norm, number> = { l0: 2, l1: 0.75, l2: Math.sqrt(0.3125), linf: 0.5 };
  expect(found).toEqual(expected);
});

it('an image with a value that is not a number is nowhere inside', () => {
  const ball = { norm: 'linf', epsilon: 1 } as const;
  expect(isInside(Float32Array.of(0.5, Number.NaN), Float32Array.of(0.5, 0.5), ball)).toBe(false);
});
