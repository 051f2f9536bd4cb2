/** @file Smoothed noise (Hein, Andriushchenko and Bitterwolf 2019, section 4), before it is rounded to levels. */

import type { ImageShape } from '../image/images.ts';
import type { Random } from '../random/random.ts';

/** The side of the images that the paper's deviations of 1 to 2.5 pixels are for. */
const PAPER_SIDE = 32;

/** A standard deviation in pixels, uniform in 1 .. 2.5 for images of up to 32 pixels, and larger in proportion for others. */
export function drawDeviation({ height, width }: ImageShape, random: Random): number {
  return (1 + 1.5 * random.uniform()) * Math.max(1, Math.min(height, width) / PAPER_SIDE);
}

/**
 * Smooths every channel by a Gaussian. Beyond its edges an image goes on as its mirror image.
 *
 * @param planes `channels x height x width`, changed in place
 * @param deviation of the Gaussian, in pixels; it is cut off at three of them
 */
export function smooth(planes: Float32Array, { channels, height, width }: ImageShape, deviation: number): void {
  const weights = gaussian(deviation);
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes.subarray(channel * height * width, (channel + 1) * height * width);
    for (let row = 0; row < height; row++) smoothLine(plane, row * width, 1, width, weights);
    for (let column = 0; column < width; column++) smoothLine(plane, column, width, height, weights);
  }
}

/** Shifts and scales all values together so that the least becomes 0 and the largest 1; all of one value stay 0.5. */
export function stretch(planes: Float32Array): void {
  let [least, largest] = [Infinity, -Infinity];
  for (const value of planes) {
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  const range = largest - least;
  for (let i = 0; i < planes.length; i++) planes[i] = range > 0 ? (planes[i]! - least) / range : 0.5;
}

/** Half of the Gaussian, from its middle, so that the whole has the sum 1. */
function gaussian(deviation: number): Float64Array {
  const weights = Float64Array.from({ length: Math.ceil(3 * deviation) + 1 }, (_, i) =>
    Math.exp(-(i * i) / (2 * deviation * deviation)),
  );
  const sum = weights.reduce((total, weight, i) => total + (i === 0 ? 1 : 2) * weight, 0);
  return weights.map((weight) => weight / sum);
}

function smoothLine(plane: Float32Array, start: number, step: number, length: number, weights: Float64Array): void {
  const reach = weights.length - 1;
  const line = new Float64Array(length + 2 * reach);
  const period = 2 * length;
  for (let i = 0; i < line.length; i++) {
    const at = (((i - reach) % period) + period) % period;
    line[i] = plane[start + step * (at < length ? at : period - 1 - at)]!;
  }
  for (let i = 0; i < length; i++) {
    let sum = weights[0]! * line[i + reach]!;
    for (let k = 1; k <= reach; k++) sum += weights[k]! * (line[i + reach - k]! + line[i + reach + k]!);
    plane[start + step * i] = sum;
  }
}
