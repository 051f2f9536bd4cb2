/** @file Images of few frequencies: the coefficients of a Fourier series. */

import { z } from 'zod';
import type { ImageShape } from '../image/images.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { sine } from './cppn/functions.ts';
import type { VectorEncoding } from './encoding.ts';
import { defineEncoding } from './kind.ts';
import { type AxisBasis, SpectralEncoding, type SpectralGenome } from './spectral.ts';

/** Which waves there are, and how strong. */
export const FOURIER_SETTINGS = z.object({
  frequencies: z.int().min(1).max(64).default(5).describe('the most periods along a side'),
  falloff: z.number().min(0).max(4).default(1).describe('amplitudes fall as (1 + periods)^-falloff'),
  contrast: z.number().gt(0).max(10).default(0.5).describe('deviation of the pixels of a random image, of 1 for white'),
});

/**
 * A real Fourier series in two dimensions: products of 1, sqrt(2) cos(2 pi k t) and sqrt(2) sin(2 pi k t) along both sides, up to
 * `frequencies` periods, so `(2 frequencies + 1)^2` coefficients for each channel. Images repeat beyond their edges.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function fourierEncoding(shape: ImageShape, changes: Settings = {}): VectorEncoding<SpectralGenome> {
  const { frequencies, falloff, contrast } = resolveSettings('fourier', FOURIER_SETTINGS, changes);
  const rows = waves(shape.height, frequencies);
  return new SpectralEncoding({
    name: 'fourier',
    shape,
    rows,
    columns: waves(shape.width, frequencies),
    falloff,
    contrast,
  });
}

/** At most as many periods as half the pixels, beyond which they are others again (Nyquist). */
function waves(length: number, wanted: number): AxisBasis {
  const periods = Math.min(wanted, Math.floor((length - 1) / 2));
  const count = 2 * periods + 1;
  const values = new Float32Array(length * count);
  for (let pixel = 0; pixel < length; pixel++) {
    values[pixel * count] = 1;
    for (let k = 1; k <= periods; k++) {
      const angle = (2 * Math.PI * k * (pixel + 0.5)) / length;
      // The polynomial of the CPPNs, whose every bit is the same on all machines.
      values[pixel * count + 2 * k - 1] = Math.SQRT2 * sine(Math.fround(angle + Math.PI / 2));
      values[pixel * count + 2 * k] = Math.SQRT2 * sine(Math.fround(angle));
    }
  }
  return { values, frequencies: Array.from({ length: count }, (_, i) => Math.ceil(i / 2)) };
}

/** The Fourier encoding as it is chosen by name. */
export const fourier = defineEncoding({
  name: 'fourier',
  summary: 'the coefficients of a Fourier series of few frequencies',
  explanation: 'Each image is a sum of waves of few frequencies, and began as waves of random strength.',
  settings: FOURIER_SETTINGS,
  create: fourierEncoding,
});
