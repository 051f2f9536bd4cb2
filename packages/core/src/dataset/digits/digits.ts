/**
 * @file Handwritten digits drawn by procedure, in the format of MNIST: 28x28, white on black. Unlike MNIST's they may be
 * shipped with the project, and there is no end of them.
 */

import { Random } from '../../random/random.ts';
import type { Dataset } from '../dataset.ts';
import { DIGIT_LABELS } from '../labelled-idx.ts';
import { GLYPHS } from './glyphs.ts';
import { chooseGlyph, type Polyline, write } from './handwriting.ts';
import { draw, type Pen } from './pen.ts';

/** Height and width of a drawn digit, in pixels. */
export const DIGIT_SIZE = 28;

/** Examples in the parts of the drawn digits: pieces of the sequence of a seed, one behind the other. */
export const DIGIT_PARTS = { train: 50_000, validation: 5_000, test: 10_000 } as const;

/** MNIST's digits are scaled to fill a box of this size, in pixels, and put with their center of mass in the middle. */
const BOX = 20;

/** Digits are drawn from a stream of random numbers of their own. */
const DIGIT_STREAM = 4;

/**
 * Draws a dataset. Example `i` depends on the seed and on `first + i` alone and shows digit `(first + i) mod 10`.
 *
 * @param count number of examples
 * @param seed which digits; datasets of different seeds have nothing in common
 * @param first position of the first example in the endless sequence that belongs to the seed
 */
export function drawDigits(count: number, seed: number, first = 0): Dataset {
  const size = DIGIT_SIZE * DIGIT_SIZE;
  const data = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const index = first + i;
    labels[i] = index % 10;
    drawDigit(index % 10, Random.stream(seed, DIGIT_STREAM, index), data.subarray(i * size, (i + 1) * size));
  }
  return {
    name: 'digits',
    classNames: DIGIT_LABELS,
    images: { channels: 1, height: DIGIT_SIZE, width: DIGIT_SIZE, count, data },
    labels,
  };
}

/**
 * Draws one digit.
 *
 * @param digit 0 .. 9
 * @param image receives 28 x 28 grey levels
 */
export function drawDigit(digit: number, random: Random, image: Uint8Array): void {
  const lines = write(chooseGlyph(GLYPHS[digit]!, random), random);
  const pen: Pen = {
    radius: Math.min(2.3, Math.max(0.65, 1.25 * Math.exp(0.3 * random.normal()))),
    contrast: 0.3 * random.uniform(),
    angle: Math.PI * random.uniform(),
    softness: 1 + 0.5 * random.uniform(),
  };
  place(lines, pen, random);
  const coverage = new Float32Array(DIGIT_SIZE * DIGIT_SIZE);
  draw(lines, pen, DIGIT_SIZE, coverage);
  const ink = 255 - 70 * random.uniform() ** 3;
  const noise = 16 * random.uniform() ** 4;
  for (let i = 0; i < image.length; i++) {
    const level = ink * coverage[i]! + noise * random.normal();
    image[i] = Math.min(255, Math.max(0, Math.round(level)));
  }
}

/** Scales lines so that the inked digit fills the box, and moves the center of the ink near the image's center. */
function place(lines: readonly Polyline[], pen: Pen, random: Random): void {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  let [mass, massX, massY] = [0, 0, 0];
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      const [x, y] = [line[i]!, line[i + 1]!];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      if (i === 0) continue;
      const [x0, y0] = [line[i - 2]!, line[i - 1]!];
      const length = Math.hypot(x - x0, y - y0);
      mass += length;
      massX += (length * (x + x0)) / 2;
      massY += (length * (y + y0)) / 2;
    }
  }
  const box = BOX * (1 - 0.14 * random.uniform() ** 2) - 2 * pen.radius;
  const scale = box / Math.max(right - left, bottom - top);
  const shiftX = DIGIT_SIZE / 2 + 0.6 * random.normal() - (scale * massX) / mass;
  const shiftY = DIGIT_SIZE / 2 + 0.6 * random.normal() - (scale * massY) / mass;
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      line[i] = scale * line[i]! + shiftX;
      line[i + 1] = scale * line[i + 1]! + shiftY;
    }
  }
}
