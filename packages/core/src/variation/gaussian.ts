/** @file Gaussian noise on every number of a vector, as in the Gaussian emitter of pyribs. */

import { z } from 'zod';
import { type Encoding, isVectorEncoding, type VectorEncoding } from '../encoding/encoding.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { defineVariation, type Variation } from './variation.ts';

export const GAUSSIAN_SETTINGS = z.object({
  sigma: z.number().gt(0).max(10).default(0.1).describe('deviation of the noise in each number of a vector in [0, 1]'),
});

/**
 * A child is x + sigma N(0, I), clipped to [0, 1].
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function gaussianOf<Genome>(encoding: VectorEncoding<Genome>, changes: Settings = {}): Variation<Genome> {
  const { sigma } = resolveSettings('gaussian', GAUSSIAN_SETTINGS, changes);
  return {
    parents: 1,
    apply([parent], random) {
      const child = encoding.toVector(parent!);
      for (let i = 0; i < child.length; i++) child[i]! += sigma * random.normal();
      return encoding.fromVector(child);
    },
  };
}

/** Gaussian noise as it is chosen by name. */
export const gaussian = defineVariation({
  name: 'gaussian',
  summary: 'noise on every number',
  settings: GAUSSIAN_SETTINGS,
  fits: (encoding: Encoding): encoding is VectorEncoding => isVectorEncoding(encoding),
  create: (encoding, settings) => gaussianOf(encoding, settings),
});
