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

/** How often a plain random image is drawn again; the last one is taken as it is. */
const DRAWS = 12;

/** Tries for a child; the one that comes nearest is taken then. */
const ATTEMPTS = 40;

/** Children have to go as far as a place in this part of the range of distances, from below. */
const SPREAD = 0.6;

/** Steps of a child's way double from one variation up to 2^6 at once, where it does not get away from its parent. */
const LARGEST_STEP = 7;

/**
 * How much children differ from their parents, as the root mean square difference of their images over all pixels and channels, on a
 * scale from black 0 to white 1: at least and at most. One structural mutation of a CPPN that a person would look at gives anything from
 * none to 0.5 (measured: quartiles 0.02 and 0.39 on grey images of 28 x 28), so it is by this distance that children are made, not by a
 * number of mutations.
 */
export const CHANGES = {
  mild: { least: 0.05, most: 0.12 },
  medium: { least: 0.14, most: 0.24 },
  wild: { least: 0.28, most: 0.5 },
} as const;

/** A name in {@link CHANGES}. */
export type Change = keyof typeof CHANGES;

/** The names of {@link CHANGES}, from the least on. */
export const CHANGE_NAMES = ['mild', 'medium', 'wild'] as const satisfies readonly Change[];

/** How a person breeds. */
export interface HumanOptions<Genome> {
  readonly encoding: Encoding<Genome>;
  readonly variation: Variation<Genome>;
  /** A variation that changes less, for parents whose image a single one of the usual changes too much. */
  readonly gentler: Variation<Genome>;
  /** How much children differ from their parents. */
  readonly change: Change;
  /** Variations on top of one another for each random genome, at least 1; 1 when absent. */
  readonly beginning?: number;
}

/**
 * Asks for children of picked genomes, which take their parents in turn; without a pick, for random ones. A variation often
 * gives a plain image, which is of no use to a person: such a child is drawn again, unless its parent is as plain. A random genome has no
 * structure yet, so it is varied as well.
 *
 * What one variation does to an image depends on the genome: from nothing at all to another image. So a child is varied step by step
 * until its image is as far from its parent's as {@link CHANGES} says; a step that goes too far is taken back and made smaller.
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
      const genome =
        chosen.length === 0 ? await this.#begin(own, generation) : await this.#child(chosen, own, generation);
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

  /** A random genome with something to see in it, if one of some draws has. */
  async #begin(random: Random, generation: number): Promise<Genome> {
    const { encoding, beginning = 1 } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const family = Array.from({ length: this.#options.variation.parents }, () => encoding.random(random));
      const genome = this.#vary(family, beginning, random, generation);
      if (attempt === DRAWS || contrast(await this.#image(genome)) > FLAT) return genome;
    }
  }

  async #child(family: readonly Genome[], random: Random, generation: number): Promise<Genome> {
    const { least: first, most } = CHANGES[this.#options.change];
    // Each child has a distance of its own to go, or all would lie just beyond the nearest one.
    const least = first + SPREAD * random.uniform() * (most - first);
    const [parent, ...others] = family as readonly [Genome, ...Genome[]];
    const origin = await this.#image(parent);
    const plain = contrast(origin) <= FLAT;
    // 0 is a gentler variation, and n is 2^(n - 1) of the usual ones.
    let [genome, step] = [parent, 1];
    let [nearest, gap] = [parent, Number.POSITIVE_INFINITY];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const next = this.#step([genome, ...others], step, random, generation);
      const image = await this.#image(next);
      const distance = imageDistance(origin, image);
      const isSeen = plain || contrast(image) > FLAT;
      const away = distance < least ? least - distance : Math.max(0, distance - most);
      if (isSeen && away === 0) return next;
      if (isSeen && away < gap) [nearest, gap] = [next, away];
      if (distance < least) {
        genome = next;
        step = Math.min(LARGEST_STEP, step + 1);
      } else {
        step = Math.max(0, step - 1);
      }
    }
    return nearest;
  }

  #step(family: readonly Genome[], step: number, random: Random, generation: number): Genome {
    if (step === 0) return this.#options.gentler.apply(family, random, Math.max(1, generation));
    return this.#vary(family, 2 ** (step - 1), random, generation);
  }

  #vary(family: readonly Genome[], times: number, random: Random, generation: number): Genome {
    const { variation } = this.#options;
    let [genome] = family as readonly [Genome];
    for (let i = 0; i < times; i++) {
      genome = variation.apply([genome, ...family.slice(1)], random, Math.max(1, generation));
    }
    return genome;
  }

  async #image(genome: Genome): Promise<Uint8Array> {
    const { encoding } = this.#options;
    const image = new Uint8Array(imageSize(encoding.shape));
    await encoding.render([genome], image);
    return image;
  }
}

/** The root mean square difference of two images of one size, from 0 to 1. */
function imageDistance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / a.length) / 255;
}

function contrast(image: Uint8Array): number {
  let [low, high] = [255, 0];
  for (const level of image) {
    if (level < low) low = level;
    if (level > high) high = level;
  }
  return high - low;
}
