/** @file Mutation of any encoding by vectors: each number by itself. The readable twin of gene-mutation.ts. */

import { z } from 'zod';
import { type Encoding, isVectorEncoding, type VectorEncoding } from '../encoding/encoding.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { MUTATION_SETTINGS, rateAt } from './mutation-rate.ts';
import { polynomialStep } from './polynomial.ts';
import { defineVariation, type Variation } from './variation.ts';

/** What polynomial mutation of a vector can be tuned with. */
export const VECTOR_MUTATION_SETTINGS = z.object({ ...MUTATION_SETTINGS });

/**
 * Numbers in [0, 1] mutate independently by polynomial mutation, clamped to [0, 1].
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function vectorMutationOf<Genome>(encoding: VectorEncoding<Genome>, changes: Settings = {}): Variation<Genome> {
  const settings = resolveSettings('vector-mutation', VECTOR_MUTATION_SETTINGS, changes);
  const step = polynomialStep(settings.eta);
  return {
    parents: 1,
    apply([parent], random, generation) {
      const rate = rateAt(settings, generation);
      const vector = encoding.toVector(parent!);
      for (let i = 0; i < vector.length; i++) {
        if (random.uniform() < rate) vector[i] = Math.min(1, Math.max(0, vector[i]! + step(random)));
      }
      return encoding.fromVector(vector);
    },
  };
}

/** Polynomial mutation of vectors as it is chosen by name. */
export const vectorMutation = defineVariation({
  name: 'vector-mutation',
  summary: 'each number of a vector by itself, by polynomial mutation',
  settings: VECTOR_MUTATION_SETTINGS,
  fits: (encoding: Encoding): encoding is VectorEncoding => isVectorEncoding(encoding),
  create: (encoding, settings) => vectorMutationOf(encoding, settings),
});
