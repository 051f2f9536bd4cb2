/** @file Drawing with a pen on an image of any shape and in any colors. */

import { draw, type Pen } from '../dataset/digits/pen.ts';
import type { ImageShape } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { drawTwoColors } from './two-colors.ts';

/** White on black and black on white one time in four each; else two colors by chance. */
export function drawInk(shape: ImageShape, random: Random): readonly [paper: Uint8Array, ink: Uint8Array] {
  const black = new Uint8Array(shape.channels);
  const white = new Uint8Array(shape.channels).fill(255);
  const choice = random.integer(4);
  if (choice === 0) return [black, white];
  return choice === 1 ? [white, black] : drawTwoColors(shape, random);
}

/**
 * Draws lines, each pixel mixed of paper and ink by how far it is covered.
 *
 * @param image receives `channels x height x width` values
 * @param lines in pixels; the center of the first pixel is at (0.5, 0.5)
 * @param radius half the width of the line, in pixels
 */
export function inkLines(
  image: Uint8Array,
  { channels, height, width }: ImageShape,
  lines: readonly Float64Array[],
  radius: number,
  [paper, ink]: readonly [Uint8Array, Uint8Array],
): void {
  const pen: Pen = { radius, contrast: 0, angle: 0, softness: 1 };
  // The pen draws on squares.
  const side = Math.max(height, width);
  const coverage = new Float32Array(side * side);
  draw(lines, pen, side, coverage);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const share = coverage[row * side + column]!;
      for (let channel = 0; channel < channels; channel++) {
        const level = paper[channel]! + share * (ink[channel]! - paper[channel]!);
        image[(channel * height + row) * width + column] = Math.round(level);
      }
    }
  }
}
