/** @file Patterns of two colors. */

import type { ImageShape } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { randomLevel } from './source.ts';

/** Each pair is at least so far apart, in levels, in some channel. */
const LEAST_CONTRAST = 64;

/** Two colors drawn uniformly, at least 64 levels apart in some channel. */
export function drawTwoColors({ channels }: ImageShape, random: Random): readonly [Uint8Array, Uint8Array] {
  const draw = (): Uint8Array => Uint8Array.from({ length: channels }, () => randomLevel(random));
  for (;;) {
    const [one, other] = [draw(), draw()];
    if (one.some((level, channel) => Math.abs(level - other[channel]!) >= LEAST_CONTRAST)) return [one, other];
  }
}

/**
 * Paints a pattern of two colors.
 *
 * @param image receives `channels x height x width` values
 * @param isOther whether the pixel whose center is at (x, y), in pixels, is of the other color
 */
export function paintTwoColors(
  image: Uint8Array,
  { channels, height, width }: ImageShape,
  [one, other]: readonly [Uint8Array, Uint8Array],
  isOther: (x: number, y: number) => boolean,
): void {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const color = isOther(column + 0.5, row + 0.5) ? other : one;
      for (let channel = 0; channel < channels; channel++) {
        image[(channel * height + row) * width + column] = color[channel]!;
      }
    }
  }
}

/** A period in pixels, uniform in its logarithm between 2 pixels and half of the shorter side (at least 2). */
export function drawPeriod({ height, width }: ImageShape, random: Random): number {
  const longest = Math.max(2, Math.min(height, width) / 2);
  return 2 * (longest / 2) ** random.uniform();
}
