/** @file The plane through three images in pixel space. */

import { InputError } from '../errors.ts';

/** Two axes at right angles, each 1 long. */
export interface PlaneBasis {
  /** At (0, 0): the first image, pixels in [0, 1]. */
  readonly start: Float64Array;
  /** From the first image to the second, which is at (1, 0). */
  readonly across: Float64Array;
  /** The part of the way to the third image that `across` does not have. */
  readonly up: Float64Array;
  /** The third image is at (along, 1). */
  readonly along: number;
}

/**
 * The plane through three 8-bit images.
 *
 * @throws InputError where they lie on one line
 */
export function planeThrough(first: Uint8Array, second: Uint8Array, third: Uint8Array): PlaneBasis {
  const start = Float64Array.from(first, (level) => level / 255);
  const minus = (bytes: Uint8Array): Float64Array => Float64Array.from(bytes, (level, i) => level / 255 - start[i]!);
  const across = minus(second);
  const toThird = minus(third);
  const length = dot(across, across);
  const along = length === 0 ? 0 : dot(toThird, across) / length;
  const up = toThird.map((value, i) => value - along * across[i]!);
  if (length === 0 || dot(up, up) < 1e-12 * dot(toThird, toThird) || dot(up, up) === 0) {
    throw new InputError(
      'The three images lie on one line in pixel space, through which there are many planes; change one',
    );
  }
  return { start, across, up, along };
}

/** The image at a place of the plane, not clipped to [0, 1]. */
export function imageAt({ start, across, up }: PlaneBasis, u: number, v: number, image: Float32Array): void {
  for (let i = 0; i < image.length; i++) image[i] = start[i]! + u * across[i]! + v * up[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
