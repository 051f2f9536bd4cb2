import type { ImageShape } from './images.ts';

/** An image whose differences are multiplied, so that they are seen. */
export interface Amplified {
  readonly planes: Uint8Array;
  /** By how much, a whole number from 1 on. */
  readonly factor: number;
}

/** Values that may be cut off at black and white, as a share of all. */
const CUT = 0.001;

/**
 * Multiplies each value's distance from the mean of its channel by the largest whole number with which hardly any value is cut off:
 * images of gradient ascent on large networks differ from a plain color by a few of 255 levels.
 *
 * @param planes 8-bit, `C x H x W`
 */
export function amplifyContrast(planes: Uint8Array, { channels, height, width }: ImageShape): Amplified {
  const area = height * width;
  const means = Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = channel * area; i < (channel + 1) * area; i++) sum += planes[i]!;
    return sum / area;
  });
  const meanOf = (i: number): number => means[Math.floor(i / area)]!;
  const counts = new Uint32Array(256);
  for (const [i, level] of planes.entries()) counts[Math.min(255, Math.ceil(Math.abs(level - meanOf(i))))]!++;
  let largest = 255;
  for (let cut = counts[255]!; largest > 1 && cut <= CUT * planes.length; cut += counts[largest]!) largest--;
  const factor = Math.max(1, Math.floor(127 / largest));
  const amplified = planes.map((level, i) =>
    Math.min(255, Math.max(0, Math.round(128 + factor * (level - meanOf(i))))),
  );
  return { planes: amplified, factor };
}
