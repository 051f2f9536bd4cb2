/** @file The places and patterns that Square draws. */

import type { ImageShape } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';

/** A square part of every channel of an image. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly side: number;
}

/**
 * A window anywhere in the image, its last row and column included: the corner is uniform on 0 .. height - side and
 * 0 .. width - side. (The authors' program leaves the last place out, so that no window ever touches the last row and
 * column.)
 */
export function drawWindow({ height, width }: ImageShape, side: number, random: Random): Window {
  return { top: random.integer(height - side + 1), left: random.integer(width - side + 1), side };
}

/** Places of a window's values in one channel, row by row. */
export function placesIn({ height, width }: ImageShape, channel: number, { top, left, side }: Window): Int32Array {
  const places = new Int32Array(side * side);
  for (let row = 0, place = 0; row < side; row++) {
    const start = (channel * height + top + row) * width + left;
    for (let column = 0; column < side; column++) places[place++] = start + column;
  }
  return places;
}

/**
 * The pattern eta of the L2 attack (Andriushchenko et al. 2020, equation 2), of length 1: two rectangles, in each of which
 * the values fall from its center outwards, the second one with its sign turned.
 *
 * @param sideways whether the rectangles stand side by side instead of one above the other
 */
export function bumps(side: number, sideways: boolean): Float32Array {
  const half = Math.floor(side / 2);
  const pattern = new Float32Array(side * side);
  const value = (row: number, column: number): number =>
    row < half ? bump(row, column, half, side) : -bump(row - half, column, side - half, side);
  let squares = 0;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const height = sideways ? value(column, row) : value(row, column);
      pattern[row * side + column] = height;
      squares += height * height;
    }
  }
  const length = Math.sqrt(squares);
  return pattern.map((height) => height / length);
}

/** The sum of 1 / (k + 1)^2 over the rings k from the value's own to the outermost. */
function bump(row: number, column: number, rows: number, columns: number): number {
  const ring = Math.max(Math.abs(row - Math.floor(rows / 2)), Math.abs(column - Math.floor(columns / 2)));
  let sum = 0;
  for (let k = ring; k <= Math.floor(Math.max(rows, columns) / 2); k++) sum += 1 / (k + 1) ** 2;
  return sum;
}
