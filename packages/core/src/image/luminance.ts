/** @file Images as grey levels. */

import type { ImageShape } from './images.ts';

/**
 * The mean of the channels.
 *
 * @param planes `C x H x W`, 8 bits
 * @returns `H x W` levels, 0 to 255
 */
export function luminance(planes: Uint8Array, { channels, height, width }: ImageShape): Float32Array {
  const size = height * width;
  return Float32Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += planes[channel * size + i]!;
    return sum / channels;
  });
}
