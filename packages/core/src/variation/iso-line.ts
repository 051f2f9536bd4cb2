/** @file The variation "Iso+LineDD" (Vassiliades and Mouret 2018, arXiv 1804.03906, equation 2). */

import { z } from 'zod';
import { type Encoding, isVectorEncoding, type VectorEncoding } from '../encoding/encoding.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { defineVariation, type Variation } from './variation.ts';

/** The paper's settings. */
export const ISO_LINE_SETTINGS = z.object({
  sigmaIso: z.number().min(0).max(10).default(0.01).describe('deviation of the noise in each number'),
  sigmaLine: z.number().min(0).max(10).default(0.2).describe('deviation of the step along the line of the parents'),
});

/**
 * A child is x_i + sigmaIso N(0, I) + sigmaLine (x_j - x_i) N(0, 1): noise around the first parent, and a step along the
 * line through both, of one random length for the whole vector. Clipped to [0, 1].
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function isoLineOf<Genome>(encoding: VectorEncoding<Genome>, changes: Settings = {}): Variation<Genome> {
  const { sigmaIso, sigmaLine } = resolveSettings('iso-line', ISO_LINE_SETTINGS, changes);
  return {
    parents: 2,
    apply([first, second], random) {
      const child = encoding.toVector(first!);
      const other = encoding.toVector(second!);
      const line = sigmaLine * random.normal();
      for (let i = 0; i < child.length; i++) {
        child[i] = child[i]! + sigmaIso * random.normal() + line * (other[i]! - child[i]!);
      }
      return encoding.fromVector(child);
    },
  };
}

/** The iso-line variation as it is chosen by name. */
export const isoLine = defineVariation({
  name: 'iso-line',
  summary: 'noise, and a step along the line through two parents',
  settings: ISO_LINE_SETTINGS,
  fits: (encoding: Encoding): encoding is VectorEncoding => isVectorEncoding(encoding),
  create: (encoding, settings) => isoLineOf(encoding, settings),
});
