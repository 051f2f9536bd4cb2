/** @file Children of elites that are drawn by their certainty, for any variation: where classes lag behind, more is tried. */

import type { Elite } from '../archive/archive.ts';
import type { Variation } from '../variation/variation.ts';
import { byCertainty, drawByRank } from './certainty.ts';
import type { Emitter, Proposal, Question } from './emitter.ts';
import type { Recordable } from './recordable.ts';

/**
 * Like `UniformEmitter`, but the first parent is the elite of a class drawn by rank, the least certain one first; further parents are
 * drawn uniformly. It remembers nothing.
 */
export class SelectiveEmitter implements Emitter {
  readonly name: string;
  readonly variation: Variation;
  readonly progress = undefined;
  readonly #pressure: number;

  /** @param pressure 1 draws uniformly; see `drawByRank` */
  constructor(name: string, variation: Variation, pressure: number) {
    this.name = name;
    this.variation = variation;
    this.#pressure = pressure;
  }

  ask({ archive, count, random }: Question): Proposal {
    const cells = byCertainty(archive);
    const candidates = Array.from({ length: count }, () => {
      if (cells.length === 0) return { parents: [] };
      const parents: Elite[] = [archive.elites[drawByRank(cells, this.#pressure, random)]!];
      if (this.variation.parents > 1) parents.push(...archive.sample(this.variation.parents - 1, random));
      return { parents };
    });
    return { candidates, evaluations: 0 };
  }

  tell(): void {}

  state(): Recordable {
    return null;
  }

  restore(): void {}
}
