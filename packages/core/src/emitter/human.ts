/** @file Breeding by a person, who picks the parents of the next screen (Picbreeder, Secretan et al. 2011). */

import type { Encoding } from '../encoding/encoding.ts';
import { InputError } from '../errors.ts';
import { imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import type { Variation } from '../variation/variation.ts';
import type { Candidate, Emitter, Proposal, Question } from './emitter.ts';
import type { Recordable } from './recordable.ts';

/** An image whose levels all lie this close together counts as plain. */
const FLAT = 24;

/** How often a plain child is drawn again; the last one is taken as it is. */
const ATTEMPTS = 12;

/** How a person breeds. */
export interface HumanOptions<Genome> {
  readonly encoding: Encoding<Genome>;
  readonly variation: Variation<Genome>;
  /** Variations on top of one another for each child, at least 1. */
  readonly strength: number;
}

/**
 * Asks for children of picked genomes, which take their parents in turn; without a pick, of random ones. A variation often
 * gives a plain image, which is of no use to a person: such a child is drawn again. A random genome has no structure yet, so
 * it is varied as well.
 */
export class HumanEmitter<Genome> implements Emitter {
  readonly name = 'human';
  readonly variation = undefined;
  readonly progress = undefined;
  readonly #options: HumanOptions<Genome>;
  #picks: readonly Uint8Array[] = [];

  constructor(options: HumanOptions<Genome>) {
    this.#options = options;
  }

  /**
   * The parents of the next screen.
   *
   * @param genomes packed; none for random ones
   */
  pick(genomes: readonly Uint8Array[]): void {
    this.#picks = genomes.map((genome) => new Uint8Array(genome));
  }

  async ask({ count, generation, random }: Pick<Question, 'count' | 'generation' | 'random'>): Promise<Proposal> {
    const { encoding } = this.#options;
    const picks = this.#picks.map((genome) => encoding.unpack(genome));
    const screen = random.uint32();
    const candidates: Candidate[] = [];
    for (let place = 0; place < count; place++) {
      // A stream of its own, so that a child does not depend on how often those before it were drawn again.
      const own = Random.stream(screen, place);
      const parents = picks.length === 0 ? [] : Array.from({ length: this.#options.variation.parents }, (_, i) => i);
      const chosen = parents.map((i) => picks[(place + i) % picks.length]!);
      const genome = await this.#draw(chosen, own, generation);
      candidates.push({ parents: [], genome: encoding.pack(genome).slice() });
    }
    return { candidates, evaluations: 0 };
  }

  tell(): void {}

  state(): Recordable {
    return this.#picks;
  }

  restore(state: Recordable): void {
    if (!Array.isArray(state) || !state.every((pick) => pick instanceof Uint8Array)) {
      throw new InputError('The state of this emitter is damaged: picks are genomes, as bytes');
    }
    this.#picks = state;
  }

  async #draw(parents: readonly Genome[], random: Random, generation: number): Promise<Genome> {
    const { encoding, variation, strength } = this.#options;
    const image = new Uint8Array(imageSize(encoding.shape));
    for (let attempt = 1; ; attempt++) {
      const family =
        parents.length > 0 ? parents : Array.from({ length: variation.parents }, () => encoding.random(random));
      let [genome] = family as readonly [Genome];
      for (let i = 0; i < strength; i++) {
        genome = variation.apply([genome, ...family.slice(1)], random, Math.max(1, generation));
      }
      await encoding.render([genome], image);
      if (contrast(image) > FLAT || attempt === ATTEMPTS) return genome;
    }
  }
}

function contrast(image: Uint8Array): number {
  let [low, high] = [255, 0];
  for (const level of image) {
    if (level < low) low = level;
    if (level > high) high = level;
  }
  return high - low;
}
