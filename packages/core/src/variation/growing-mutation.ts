/** @file Mutation of the growing encoding: its resolution doubles as generations pass, and each gene mutates by itself. */

import { z } from 'zod';
import { type GrowingEncoding, type GrowingGenome, isGrowingEncoding } from '../encoding/growing.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { geneMutationOf } from './gene-mutation.ts';
import { MUTATION_SETTINGS } from './mutation-rate.ts';
import { defineVariation, type Variation } from './variation.ts';

/** What it can be tuned with. */
export const GROWING_MUTATION_SETTINGS = z.object({
  ...MUTATION_SETTINGS,
  growEvery: z
    .int()
    .min(0)
    .default(25)
    .describe('squares of children divide each time that many generations have passed; 0 never'),
});

/**
 * A child is of the level of its generation, `generation / growEvery` rounded down, or of its parent's if that is higher: the same image in more
 * squares, which then mutate independently by polynomial mutation. It depends on nothing but the parent, the generation
 * and the child's stream, so that a search that is resumed goes on to the same bytes.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function growingMutationOf(encoding: GrowingEncoding, changes: Settings = {}): Variation<GrowingGenome> {
  const { growEvery, ...rates } = resolveSettings('growing-mutation', GROWING_MUTATION_SETTINGS, changes);
  const mutation = geneMutationOf(rates);
  return {
    parents: 1,
    apply([parent], random, generation) {
      const level = growEvery === 0 ? 0 : Math.min(encoding.levels - 1, Math.floor(generation / growEvery));
      const child = encoding.grow(parent!, level).slice();
      child.set(mutation.apply([child.slice(1)], random, generation), 1);
      return child;
    },
  };
}

/** The mutation of the growing encoding as it is chosen by name. */
export const growingMutation = defineVariation({
  name: 'growing-mutation',
  summary: 'each gene of the growing encoding by itself, in more and more squares',
  settings: GROWING_MUTATION_SETTINGS,
  fits: isGrowingEncoding,
  create: growingMutationOf,
});
