/** @file An emitter of one's own: only the elites that the classifier is least certain of have children. */

import {
  defineEmitter,
  type Emitter,
  NO_SETTINGS,
  ownVariation,
  type Proposal,
  type Question,
  type Variation,
} from '@pareidolia/core';

class WeakestEmitter implements Emitter {
  readonly name = 'weakest';
  readonly variation: Variation;
  readonly progress = undefined;

  constructor(variation: Variation) {
    this.variation = variation;
  }

  /** Random genomes at first, then children of the weaker half of the archive. */
  ask({ archive, count, random }: Question): Proposal {
    const elites = archive.elites
      .filter((elite) => elite !== undefined)
      .sort((one, other) => one.confidence - other.confidence);
    const weak = elites.slice(0, Math.ceil(elites.length / 2));
    const draw = () => weak[random.integer(weak.length)]!;
    const parents = () => (weak.length === 0 ? [] : Array.from({ length: this.variation.parents }, draw));
    return { candidates: Array.from({ length: count }, () => ({ parents: parents() })), evaluations: 0 };
  }

  tell(): void {}

  /** It remembers nothing. */
  state() {
    return null;
  }

  restore(): void {}
}

export const weakest = defineEmitter({
  name: 'weakest',
  summary: 'mutated copies of the weaker half of the elites',
  explanation: 'Copies of the images that the network was least certain of were mutated.',
  settings: NO_SETTINGS,
  presets: {},
  needs: 'scores',
  encoding: 'direct',
  length: 'generations',
  variation: ownVariation,
  batch: () => 200,
  // An emitter with a variation is always made with one.
  create: ({ variation }) => new WeakestEmitter(variation!),
});
