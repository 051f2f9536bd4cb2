/**
 * @file Rectangles of one value, for genomes that are laid out like images: the proposal of the Square attack (Andriushchenko et al.
 * 2020, arXiv 1912.00049), which a network hears far better than noise of single pixels.
 */

import { z } from 'zod';
import type { Encoding, VectorEncoding } from '../encoding/encoding.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { defineVariation, type Variation } from './variation.ts';

export const PATCH_SETTINGS = z.object({
  largest: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe('longest side of a patch, as a share of the side of the image'),
  extreme: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('chance that a channel of a patch is all 0 or all 1; it has some level between them otherwise'),
});

/** An encoding whose vectors have a number for each value of the image, `channels x height x width`. */
export function isLaidOut(encoding: Encoding): encoding is VectorEncoding {
  return encoding.name === 'direct' || encoding.name === 'pixels';
}

/**
 * A child is its parent with one rectangle filled. Each side is `1 + floor(u^2 largest side)`, so small ones are frequent; the place
 * is uniform. In a color image every channel of the rectangle is filled, each with a value of its own.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function patchesOf<Genome>(encoding: VectorEncoding<Genome>, changes: Settings = {}): Variation<Genome> {
  const { largest, extreme } = resolveSettings('patches', PATCH_SETTINGS, changes);
  const { channels, height, width } = encoding.shape;
  return {
    parents: 1,
    apply([parent], random) {
      const child = encoding.toVector(parent!);
      const side = (length: number): number =>
        1 + Math.floor(random.uniform() ** 2 * Math.max(1, largest * length - 1));
      const [rows, columns] = [Math.min(height, side(height)), Math.min(width, side(width))];
      const [top, left] = [random.integer(height - rows + 1), random.integer(width - columns + 1)];
      for (let channel = 0; channel < channels; channel++) {
        const value = random.uniform() < extreme ? random.integer(2) : random.uniform();
        for (let y = top; y < top + rows; y++) {
          const from = (channel * height + y) * width + left;
          child.fill(value, from, from + columns);
        }
      }
      return encoding.fromVector(child);
    },
  };
}

/** Patches as they are chosen by name. */
export const patches = defineVariation({
  name: 'patches',
  summary: 'a rectangle of one value',
  settings: PATCH_SETTINGS,
  fits: isLaidOut,
  create: (encoding, settings) => patchesOf(encoding, settings),
});
