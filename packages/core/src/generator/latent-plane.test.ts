import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latentPlane } from './latent-plane.ts';

const normal = { dimension: 3, distribution: 'normal' } as const;
const uniform = { dimension: 3, distribution: 'uniform' } as const;
const [X, Y, Z] = [Float32Array.of(2, 0, 0), Float32Array.of(0, 2, 0), Float32Array.of(0, 0, 2)] as const;

const expectClose = (vector: Float32Array, wanted: ArrayLike<number>): void => {
  expect(vector.length).toBe(wanted.length);
  vector.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, 5);
  });
};

describe('the surface through three normal latents', () => {
  it('goes along great circles: half way between two axes lies the diagonal, of the same length', () => {
    const plane = latentPlane(normal, [X, Y, Z]);
    expect(plane.path).toBe('spherical');
    expectClose(plane.at(0.5, 0), [Math.SQRT2, Math.SQRT2, 0]);
    // A third of a right angle.
    expectClose(plane.at(0, 1 / 3), [2 * Math.cos(Math.PI / 6), 0, 2 * Math.sin(Math.PI / 6)]);
    // Both tangents together: an angle of pi / 2 times the root of 1/2, between both axes.
    const angle = (Math.PI / 2) * Math.SQRT1_2;
    const across = 2 * Math.sin(angle) * Math.SQRT1_2;
    expectClose(plane.at(0.5, 0.5), [2 * Math.cos(angle), across, across]);
  });

  it('has its corners where they belong, and Shoemake’s interpolation between them', () => {
    const coordinate = fc.float({ min: Math.fround(0.1), max: 3, noNaN: true });
    const vector = fc.tuple(coordinate, coordinate, coordinate);
    fc.assert(
      fc.property(vector, vector, vector, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, c, t) => {
        const [from, to] = [Math.hypot(...a), Math.hypot(...b)];
        const plane = latentPlane(normal, [Float32Array.from(a), Float32Array.from(b), Float32Array.from(c)]);
        expectClose(plane.at(0, 0), a);
        expectClose(plane.at(1, 0), b);
        expectClose(plane.at(0, 1), c);
        const cosine = a.reduce((sum, value, i) => sum + (value * b[i]!) / from / to, 0);
        const angle = Math.acos(Math.min(1, cosine));
        // Where the angle is tiny the formula divides by zero.
        if (angle < 0.01) return;
        const length = from + t * (to - from);
        const wanted = a.map(
          (value, i) =>
            (length * ((Math.sin((1 - t) * angle) * value) / from + (Math.sin(t * angle) * b[i]!) / to)) /
            Math.sin(angle),
        );
        plane.at(t, 0).forEach((value, i) => {
          expect(value).toBeCloseTo(wanted[i]!, 3);
        });
      }),
    );
  });

  it('never leaves the lengths of its corners', () => {
    const plane = latentPlane(normal, [X, Float32Array.of(0, 3, 0), Float32Array.of(0, 0, 1)]);
    const lengthAt = (u: number, v: number): number => Math.hypot(...plane.at(u, v));
    expect(lengthAt(0.5, 0)).toBeCloseTo(2.5, 5);
    expect(lengthAt(2, 0)).toBeCloseTo(3, 5);
    expect(lengthAt(0, 2)).toBeCloseTo(1, 5);
  });

  it('is refused where it has no shortest way, no direction, or another dimension', () => {
    expect(() => latentPlane(normal, [X, Float32Array.of(-1, 0, 0), Z])).toThrow('opposite to each other');
    expect(() => latentPlane(normal, [X, new Float32Array(3), Z])).toThrow('all zeros');
    expect(() => latentPlane(normal, [X, Float32Array.of(1, 0), Z])).toThrow('has 2 numbers, the latents');
  });

  it('two corners that are the same leave nothing to walk along between them', () => {
    const plane = latentPlane(normal, [X, X, Z]);
    expectClose(plane.at(0.7, 0), X);
  });
});

it('the surface through three uniform latents is a plane, clipped at its ends', () => {
  const [a, b, c] = [Float32Array.of(0, 0, 0.5), Float32Array.of(1, 0, 0.5), Float32Array.of(0, -1, 0.5)] as const;
  const plane = latentPlane(uniform, [a, b, c]);
  expect(plane.path).toBe('linear');
  expectClose(plane.at(0.25, 0.5), [0.25, -0.5, 0.5]);
  expectClose(plane.at(1.5, 2), [1, -1, 0.5]);
});
