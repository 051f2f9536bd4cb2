/** @file From strokes on a canvas to an image as MNIST has them. */

import type { ImageShape } from '@pareidolia/core';

/** Side of the box that a digit is scaled to, over the side of the image. */
const BOX = 20 / 28;

/**
 * White strokes on nothing, scaled to fit the box of MNIST and moved so that their centre of mass is in the middle, or as near to
 * it as they can come without leaving the image; each pixel is the mean of what it covers.
 *
 * @returns one grey plane; `undefined` where nothing is drawn
 */
export function fromStrokes(drawn: ImageData, { height, width }: ImageShape): Uint8Array | undefined {
  const ink = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= drawn.width || y >= drawn.height ? 0 : drawn.data[4 * (y * drawn.width + x) + 3]!;
  let [left, right, top, bottom, mass, massX, massY] = [drawn.width, -1, drawn.height, -1, 0, 0, 0];
  for (let y = 0; y < drawn.height; y++) {
    for (let x = 0; x < drawn.width; x++) {
      const value = ink(x, y);
      if (value === 0) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      mass += value;
      massX += value * (x + 0.5);
      massY += value * (y + 0.5);
    }
  }
  if (mass === 0) return undefined;
  // Pixels of the drawing for one of the image.
  const scale = Math.max(right - left + 1, bottom - top + 1) / (BOX * Math.min(height, width));
  // Where the drawing is cut off: half of the image from the centre, and no farther than its ink.
  const within = (mid: number, low: number, high: number, side: number): number =>
    Math.max(high - (side * scale) / 2, Math.min(low + (side * scale) / 2, mid));
  const centreX = within(massX / mass, left, right + 1, width);
  const centreY = within(massY / mass, top, bottom + 1, height);
  const planes = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x0 = centreX + (column - width / 2) * scale;
      const y0 = centreY + (row - height / 2) * scale;
      let [sum, count] = [0, 0];
      for (let y = Math.floor(y0); y < y0 + scale; y++) {
        for (let x = Math.floor(x0); x < x0 + scale; x++) {
          sum += ink(x, y);
          count++;
        }
      }
      planes[row * width + column] = Math.round(sum / Math.max(1, count));
    }
  }
  return planes;
}
