/** @file The surface through three latents, on which one walks along two axes. */

import { InputError } from '../errors.ts';
import type { LatentSpace } from './latent-space.ts';

/** Three latents: the origin, one at the end of the first axis, and one at the end of the second. */
export type LatentCorners = readonly [origin: Float32Array, first: Float32Array, second: Float32Array];

/** How a surface goes through its corners. */
export type LatentPath = 'spherical' | 'linear';

/** Below this angle, in radians, two directions count as one. */
const SAME = 1e-4;

/** A surface through three latents `a`, `b` and `c`; `a` lies at (0, 0), `b` at (1, 0), `c` at (0, 1). */
export interface LatentPlane {
  readonly path: LatentPath;
  /**
   * The latent at a place.
   *
   * @param u along the first axis, in units of the way from `a` to `b`
   * @param v along the second axis, in units of the way from `a` to `c`
   */
  at(u: number, v: number): Float32Array;
}

/**
 * Where latents are uniform, the surface is the plane `a + u (b - a) + v (c - a)`; each number is clipped to [-1, 1].
 *
 * Where they are normal, nearly all vectors have about the same length, and the straight way between two passes through much shorter
 * ones, which no generator has been trained on (White 2016, arXiv 1609.04468). Directions then go along great circles that begin at
 * the direction of `a`: the steps `u` times the angle to `b` and `v` times the angle to `c` are added as tangents at `a`, so that
 * both axes are the spherical interpolations of Shoemake 1985. The length is interpolated in the same way as on the plane,
 * and is held between the smallest and the largest of the three.
 *
 * @param corners three vectors of the space's dimension
 * @throws InputError where one has another dimension or is zero, or where a corner is opposite to the origin, so that no great circle is the
 *   shortest
 */
export function latentPlane({ dimension, distribution }: LatentSpace, corners: LatentCorners): LatentPlane {
  const stranger = corners.find(({ length }) => length !== dimension);
  if (stranger !== undefined) {
    throw new InputError(
      `A corner has ${stranger.length} numbers, the latents of this generator ${dimension}; choose one of the same generator`,
    );
  }
  // One number has no direction to turn.
  return distribution === 'uniform' || dimension === 1 ? flat(corners, distribution === 'uniform') : round(corners);
}

function flat([a, b, c]: LatentCorners, isClipped: boolean): LatentPlane {
  return {
    path: 'linear',
    at: (u, v) =>
      a.map((value, i) => {
        const there = value + u * (b[i]! - value) + v * (c[i]! - value);
        return isClipped ? Math.min(1, Math.max(-1, there)) : there;
      }),
  };
}

function round([a, b, c]: LatentCorners): LatentPlane {
  const lengths = [lengthOf(a), lengthOf(b), lengthOf(c)] as const;
  if (lengths.includes(0)) throw new InputError('A corner is all zeros, which has no direction; choose another one');
  const origin = Float64Array.from(a, (value) => value / lengths[0]);
  const [first, second] = [tangent(origin, b, lengths[1]), tangent(origin, c, lengths[2])];
  const [least, largest] = [Math.min(...lengths), Math.max(...lengths)];
  return {
    path: 'spherical',
    at: (u, v) => {
      const step = first.map((value, i) => u * value + v * second[i]!);
      const angle = lengthOf(step);
      const along = angle === 0 ? 0 : Math.sin(angle) / angle;
      const length = lengths[0] + u * (lengths[1] - lengths[0]) + v * (lengths[2] - lengths[0]);
      const held = Math.min(largest, Math.max(least, length));
      return Float32Array.from(origin, (value, i) => held * (Math.cos(angle) * value + along * step[i]!));
    },
  };
}

/** At a unit vector, towards another vector: as long as the angle between both. */
function tangent(origin: Float64Array, to: Float32Array, length: number): Float64Array {
  let cosine = 0;
  for (let i = 0; i < origin.length; i++) cosine += (origin[i]! * to[i]!) / length;
  const across = origin.map((value, i) => to[i]! / length - cosine * value);
  const sine = lengthOf(across);
  const angle = Math.atan2(sine, cosine);
  if (angle > Math.PI - SAME) {
    throw new InputError(
      'Two corners are opposite to each other, so no way between them is the shortest; choose another one',
    );
  }
  return angle < SAME ? across : across.map((value) => (value * angle) / sine);
}

function lengthOf(vector: Float32Array | Float64Array): number {
  let squares = 0;
  for (const value of vector) squares += value * value;
  return Math.sqrt(squares);
}
