/** @file Images of few cosines: the low coefficients of the discrete cosine transform, of the whole image or of its blocks. */

import { z } from 'zod';
import type { ImageShape } from '../image/images.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { sine } from './cppn/functions.ts';
import type { VectorEncoding } from './encoding.ts';
import { defineEncoding } from './kind.ts';
import { type AxisBasis, SpectralEncoding, type SpectralGenome } from './spectral.ts';

/** Which cosines there are, and how strong. */
export const DCT_SETTINGS = z.object({
  cosines: z.int().min(1).max(128).default(12).describe('cosines along a side, of the image or of a block'),
  block: z.int().min(0).max(4096).default(0).describe('side of the blocks in pixels, such as 8; 0 for the whole image'),
  falloff: z.number().min(0).max(4).default(1).describe('amplitudes fall as (1 + half periods)^-falloff'),
  contrast: z.number().gt(0).max(10).default(0.5).describe('deviation of the pixels of a random image, of 1 for white'),
});

/**
 * The discrete cosine transform of type II, backwards: products of cos(pi k (t + 1/2) / n) along both sides, the lowest
 * `cosines` of them. In blocks each has its own, as in JPEG; the last block of a side may be smaller.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function dctEncoding(shape: ImageShape, changes: Settings = {}): VectorEncoding<SpectralGenome> {
  const { cosines, block, falloff, contrast } = resolveSettings('dct', DCT_SETTINGS, changes);
  const axis = (length: number): AxisBasis =>
    cosinesOf(length, block === 0 ? length : Math.min(block, length), cosines);
  return new SpectralEncoding({
    name: 'dct',
    shape,
    rows: axis(shape.height),
    columns: axis(shape.width),
    falloff,
    contrast,
  });
}

function cosinesOf(length: number, block: number, wanted: number): AxisBasis {
  const starts = Array.from({ length: Math.ceil(length / block) }, (_, i) => i * block);
  const blocks = starts.map((start) => {
    const size = Math.min(block, length - start);
    return { start, size, count: Math.min(wanted, size) };
  });
  const frequencies = blocks.flatMap(({ count }) => Array.from({ length: count }, (_, k) => k));
  const values = new Float32Array(length * frequencies.length);
  let first = 0;
  for (const { start, size, count } of blocks) {
    for (let t = 0; t < size; t++) {
      for (let k = 0; k < count; k++) {
        const angle = (Math.PI * k * (t + 0.5)) / size;
        // The polynomial of the CPPNs, whose every bit is the same on all machines.
        const cosine = sine(Math.fround(angle + Math.PI / 2));
        values[(start + t) * frequencies.length + first + k] = k === 0 ? 1 : Math.SQRT2 * cosine;
      }
    }
    first += count;
  }
  return { values, frequencies };
}

/** The cosine encoding as it is chosen by name. */
export const dct = defineEncoding({
  name: 'dct',
  summary: 'the low coefficients of the cosine transform of the image, or of its blocks',
  explanation: 'Each image is a sum of cosines, as JPEG has them, and began with random ones.',
  settings: DCT_SETTINGS,
  create: dctEncoding,
});
