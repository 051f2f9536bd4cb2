/** @file Mutation of the direct encoding: each gene by itself (Nguyen, Yosinski and Clune 2015, section 2.2). */

import { z } from 'zod';
import type { DirectGenome } from '../encoding/direct.ts';
import type { Encoding } from '../encoding/encoding.ts';
import type { Random } from '../random/random.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { MUTATION_SETTINGS, rateAt } from './mutation-rate.ts';
import { polynomialStep } from './polynomial.ts';
import { defineVariation, type Variation } from './variation.ts';

/** The gene that counts as 1. */
const TOP = 65535;

/** The paper's settings. Its released code never halves the rate. */
export const GENE_MUTATION_SETTINGS = z.object({ ...MUTATION_SETTINGS });

/**
 * Genes mutate independently by polynomial mutation, clamped to [0, 1]. There is no crossover, as in the paper; its
 * released code has one.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function geneMutationOf(changes: Settings = {}): Variation<DirectGenome> {
  const settings = resolveSettings('gene-mutation', GENE_MUTATION_SETTINGS, changes);
  const step = polynomialStep(settings.eta);
  return {
    parents: 1,
    apply([parent], random, generation) {
      const inverse = 1 / Math.log1p(-rateAt(settings, generation));
      const genes = parent!.slice();
      for (let at = gap(inverse, random); at < genes.length; at += 1 + gap(inverse, random)) {
        const gene = genes[at]! + TOP * step(random);
        genes[at] = gene <= 0 ? 0 : gene >= TOP ? TOP : gene + 0.5;
      }
      return genes;
    },
  };
}

/**
 * How many genes stay before the next one that mutates: geometric, P(gap >= k) = (1 - rate)^k. One draw for each gene
 * that mutates is much quicker than one for each gene.
 *
 * @param inverse 1 / ln(1 - rate)
 */
function gap(inverse: number, random: Random): number {
  return Math.floor(Math.log((random.uint32() + 1) * 2.3283064365386963e-10) * inverse);
}

/** The mutation of the direct encoding as it is chosen by name. */
export const geneMutation = defineVariation({
  name: 'gene-mutation',
  summary: 'each gene of the direct encoding by itself, by polynomial mutation',
  settings: GENE_MUTATION_SETTINGS,
  fits: (encoding: Encoding): encoding is Encoding<DirectGenome> => encoding.name === 'direct',
  create: (_, settings) => geneMutationOf(settings),
});
