/**
 * @file The emitter of the paper, for any variation: parents are drawn uniformly from the filled cells, with replacement
 * (Nguyen, Yosinski and Clune 2015, section 2.2).
 */

import type { Variation } from '../variation/variation.ts';
import type { Emitter, Proposal, Question } from './emitter.ts';
import type { Recordable } from './recordable.ts';

/** Asks for children of uniformly drawn elites; for random genomes while the archive is empty. It remembers nothing. */
export class UniformEmitter implements Emitter {
  readonly name: string;
  readonly variation: Variation;
  readonly progress = undefined;

  constructor(name: string, variation: Variation) {
    this.name = name;
    this.variation = variation;
  }

  ask({ archive, count, generation, random }: Question): Proposal {
    const { parents } = this.variation;
    const drawn = generation === 0 ? [] : archive.sample(count * parents, random);
    const candidates = Array.from({ length: count }, (_, place) => ({
      parents: drawn.slice(place * parents, (place + 1) * parents),
    }));
    return { candidates, evaluations: 0 };
  }

  tell(): void {}

  state(): Recordable {
    return null;
  }

  restore(): void {}
}
