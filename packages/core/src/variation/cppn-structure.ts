/** @file Mutation of CPPNs: weights, functions and structure (Nguyen, Yosinski and Clune 2015, section 2.3, and their code). */

import { z } from 'zod';
import { type CppnEncoding, drawActivation, drawWeight, isCppnEncoding } from '../encoding/cppn/cppn.ts';
import { type CppnGenome, INPUTS } from '../encoding/cppn/genome.ts';
import type { Random } from '../random/random.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { Draft } from './cppn-draft.ts';
import { type PolynomialStep, polynomialStep } from './polynomial.ts';
import { defineVariation, type Variation } from './variation.ts';

const chance = z.number().min(0).max(1);

/** The paper's settings. */
export const CPPN_STRUCTURE_SETTINGS = z.object({
  addLink: chance.default(0.5).describe('chance, per child, of a link between two nodes that had none'),
  deleteLink: chance.default(0.3).describe('chance, per child, that a link goes'),
  addNode: chance.default(0.5).describe('chance, per child, of a node inside a link; both halves keep its weight'),
  deleteNode: chance.default(0.2).describe('chance, per child, that a hidden node goes, with its links'),
  redrawFunction: chance.default(0.1).describe('chance, per node, that its function is drawn again'),
  mutateWeight: chance.default(0.1).describe('chance, per link, that its weight takes a polynomial step'),
  eta: z
    .number()
    .gt(0)
    .max(1000)
    .default(15)
    .describe('distribution index of polynomial mutation: larger, smaller steps'),
});

/** Chances of each kind of change. */
export type CppnStructureSettings = z.output<typeof CPPN_STRUCTURE_SETTINGS>;

/** Settings of mutations that change few images much: small steps of weights, and seldom anything else. */
export const GENTLE_CPPN_CHANGES = {
  addLink: 0.05,
  deleteLink: 0.02,
  addNode: 0.05,
  deleteNode: 0.02,
  redrawFunction: 0,
  mutateWeight: 0.3,
  eta: 100,
} as const satisfies Settings;

/**
 * Mutated copies of CPPNs. There is neither crossover nor speciation, as in the paper.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function cppnStructureOf(encoding: CppnEncoding, changes: Settings = {}): Variation<CppnGenome> {
  return new CppnStructure(encoding, resolveSettings('cppn-structure', CPPN_STRUCTURE_SETTINGS, changes));
}

class CppnStructure implements Variation<CppnGenome> {
  readonly parents = 1;
  readonly #encoding: CppnEncoding;
  readonly #settings: CppnStructureSettings;
  readonly #step: PolynomialStep;
  readonly #draft = new Draft();

  constructor(encoding: CppnEncoding, settings: CppnStructureSettings) {
    this.#encoding = encoding;
    this.#settings = settings;
    this.#step = polynomialStep(settings.eta);
  }

  apply([parent]: readonly CppnGenome[], random: Random): CppnGenome {
    const { addLink, deleteLink, addNode, deleteNode } = this.#settings;
    const draft = this.#draft;
    draft.copy(parent!);
    this.#mutateWeights(draft, random);
    this.#redrawFunctions(draft, random);
    if (random.uniform() < addLink) this.#addLink(draft, random);
    if (random.uniform() < deleteLink && draft.links > 0) draft.deleteLink(random.integer(draft.links));
    if (random.uniform() < addNode && draft.links > 0) {
      draft.splitLink(random.integer(draft.links), drawActivation(random));
    }
    if (random.uniform() < deleteNode && draft.hidden > 0) {
      draft.deleteNode(INPUTS.length + random.integer(draft.hidden));
    }
    return draft.genome();
  }

  #mutateWeights({ weights }: Draft, random: Random): void {
    const { mutateWeight } = this.#settings;
    const { weightLimit } = this.#encoding.settings;
    for (let link = 0; link < weights.length; link++) {
      if (random.uniform() >= mutateWeight) continue;
      // A step on the gene in [0, 1] that spans all weights.
      const weight = weights[link]! + 2 * weightLimit * this.#step(random);
      weights[link] = Math.max(-weightLimit, Math.min(weightLimit, weight));
    }
  }

  #redrawFunctions({ activations }: Draft, random: Random): void {
    for (let node = 0; node < activations.length; node++) {
      if (random.uniform() < this.#settings.redrawFunction) activations[node] = drawActivation(random);
    }
  }

  /** Draws pairs until one may be linked; a small network may have none, so the draws end after a while. */
  #addLink(draft: Draft, random: Random): void {
    for (let attempt = 0; attempt < 16; attempt++) {
      const source = random.integer(INPUTS.length + draft.hidden);
      const target = INPUTS.length + random.integer(draft.activations.length);
      if (draft.addLink(source, target, drawWeight(this.#encoding.settings, random))) return;
    }
  }
}

/** The structural mutation of CPPNs as it is chosen by name. */
export const cppnStructure = defineVariation({
  name: 'cppn-structure',
  summary: 'weights, functions, links and nodes of a CPPN',
  settings: CPPN_STRUCTURE_SETTINGS,
  fits: isCppnEncoding,
  create: (encoding, settings) => cppnStructureOf(encoding, settings),
});
