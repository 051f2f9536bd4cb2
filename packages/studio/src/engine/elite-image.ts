/** @file The image of a genome. */

import { type Encoding, imageSize, isPaletteEncoding } from '@pareidolia/core';
import { requireDrawable } from './genome-limits.ts';

/**
 * The image of a genome.
 *
 * @param genome packed
 * @returns `C x H x W`, 8-bit
 * @throws InputError where it is no genome of the encoding, or one that would take too long to draw
 */
export async function drawElite(genome: Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  // A genome with a palette begins with its network, too.
  if (encoding.name === 'cppn' || isPaletteEncoding(encoding))
    requireDrawable(genome, encoding.shape, { isWhole: true });
  const planes = new Uint8Array(imageSize(encoding.shape));
  await encoding.render([encoding.unpack(genome)], planes);
  return planes;
}
