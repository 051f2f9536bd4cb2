/** @file Perturbations made visible. */

import type { ImageShape } from '@pareidolia/core';
import { encodePng } from '../image/png.ts';

/** How far beyond the mean size of a change the scale of {@link perturbationPng} reaches. */
const REACH = 2;

/**
 * The difference around middle grey, stretched so that changes of twice the mean size are black or white: what was added is
 * bright, what was taken away is dark.
 *
 * @param levels of the adversarial image, `C x H x W`
 * @param original the same of the image that it was made of
 */
export function perturbationPng(levels: Uint8Array, original: Uint8Array, shape: ImageShape): Promise<Uint8Array> {
  let [sum, count] = [0, 0];
  for (let i = 0; i < levels.length; i++) {
    const size = Math.abs(levels[i]! - original[i]!);
    sum += size;
    if (size > 0) count++;
  }
  const scale = count === 0 ? 1 : (REACH * sum) / count;
  const shown = new Uint8ClampedArray(levels.length);
  for (let i = 0; i < shown.length; i++) shown[i] = 127.5 + (127.5 * (levels[i]! - original[i]!)) / scale;
  return encodePng(new Uint8Array(shown.buffer), shape);
}
