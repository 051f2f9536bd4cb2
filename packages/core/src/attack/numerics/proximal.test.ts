import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { projectOntoL1Ball, proximalL2, proximalLinf, proximalTwoThirds, shorten } from './proximal.ts';

const VECTOR = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 9 });
const WEIGHT = fc.double({ min: 0.01, max: 2, noNaN: true });
const of = (values: readonly number[]): Float64Array => Float64Array.from(values);
const sum = (vector: Float64Array): number => vector.reduce((total, value) => total + Math.abs(value), 0);

describe('the projection onto the L1 ball', () => {
  it('leaves what is inside, and comes to what can be done by hand', () => {
    expect(projectOntoL1Ball(of([0.2, -0.3]), 1)).toEqual(of([0.2, -0.3]));
    // theta = (3 + 2 - 1) / 2.
    expect([...projectOntoL1Ball(of([3, -2, 0.5]), 1)].map((value) => value + 0)).toEqual([1, 0, 0]);
    // theta = (1 + .8 - 1) / 2.
    expect(projectOntoL1Ball(of([1, -0.8, 0.1]), 1)[0]).toBeCloseTo(0.6, 12);
    expect(projectOntoL1Ball(of([1, -0.8, 0.1]), 1)[1]).toBeCloseTo(-0.4, 12);
    expect(sum(projectOntoL1Ball(of([1, -2]), 0))).toBe(0);
  });

  it('is the one shortening whose sum is the radius (bisection)', () => {
    fc.assert(
      fc.property(VECTOR, WEIGHT, (values, radius) => {
        fc.pre(sum(of(values)) > radius);
        let [low, high] = [0, 3];
        for (let pass = 0; pass < 60; pass++) {
          const theta = (low + high) / 2;
          if (values.reduce((total, value) => total + Math.max(0, Math.abs(value) - theta), 0) > radius) low = theta;
          else high = theta;
        }
        const projected = projectOntoL1Ball(of(values), radius);
        for (const [i, value] of values.entries()) {
          expect(projected[i]).toBeCloseTo(Math.sign(value) * Math.max(0, Math.abs(value) - high), 9);
        }
      }),
    );
  });
});

describe.each([
  ['L1', shorten, (x: Float64Array) => sum(x)],
  ['L2', proximalL2, (x: Float64Array) => Math.hypot(...x)],
  ['Linf', proximalLinf, (x: Float64Array) => Math.max(...x.map(Math.abs))],
] as const)('the proximal operator of %s', (_, proximal, norm) => {
  it('beats every point near by and far away, where the objective is convex', () => {
    fc.assert(
      fc.property(
        VECTOR,
        WEIGHT,
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
        (values, weight, draws) => {
          const objective = (x: Float64Array): number =>
            x.reduce((total, value, i) => total + (value - values[i]!) ** 2 / 2, 0) + weight * norm(x);
          const at = proximal(of(values), weight);
          for (const size of [1e-3, 0.1, 2]) {
            const other = at.map((value) => value + size * (draws.next().value ?? 0));
            expect(objective(at)).toBeLessThanOrEqual(objective(other) + 1e-9);
          }
        },
      ),
    );
  });

  it('is the vector less its projection onto the dual ball (Moreau)', () => {
    const dualBall = (vector: Float64Array, radius: number): Float64Array => {
      if (proximal === proximalLinf) return projectOntoL1Ball(vector, radius);
      if (proximal === shorten) return vector.map((value) => Math.min(radius, Math.max(-radius, value)));
      const size = Math.hypot(...vector);
      return vector.map((value) => (size > radius ? (value * radius) / size : value));
    };
    fc.assert(
      fc.property(VECTOR, WEIGHT, (values, weight) => {
        const at = proximal(of(values), weight);
        const rest = dualBall(of(values), weight);
        for (const [i, value] of values.entries()) expect(at[i]! + rest[i]!).toBeCloseTo(value, 9);
      }),
    );
  });
});

it('the proximal operator of |x|^(2/3) is the least of a search over all lengths', () => {
  fc.assert(
    fc.property(fc.double({ min: -3, max: 3, noNaN: true }), WEIGHT, (value, weight) => {
      const objective = (x: number): number => (x - value) ** 2 / 2 + weight * Math.abs(x) ** (2 / 3);
      const at = proximalTwoThirds(of([value]), weight)[0]!;
      let least = Number.POSITIVE_INFINITY;
      for (let step = 0; step <= 2000; step++) least = Math.min(least, objective((value * step) / 2000));
      expect(objective(at)).toBeLessThanOrEqual(least + 1e-9);
    }),
  );
  expect(proximalTwoThirds(of([0.5, -2]), 0)).toEqual(of([0.5, -2]));
});
