/** @file Makes children and their images. Each child depends on the seed, its generation, its place and its parents only. */

import type { Encoding } from '../encoding/encoding.ts';
import type { Choice, EncodingSpec } from '../encoding/registry.ts';
import { imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import type { Variation } from '../variation/variation.ts';

/** Key of the streams that children are made with. */
const CHILD_STREAM = 1;

/** How one child comes about. */
export interface Recipe {
  /** The packed genomes of its parents; a random genome is made where there are none. */
  readonly parents: readonly Uint8Array[];
  /** The packed genome, where it is made already. */
  readonly genome?: Uint8Array;
}

/** A row of children to be made. */
export interface BreedRequest {
  /** 0 for the random population. */
  readonly generation: number;
  /** Place of the first child in its generation. */
  readonly first: number;
  readonly recipes: readonly Recipe[];
}

/** Children with their images, in the order of the request. */
export interface Offspring {
  /** Packed. */
  readonly genomes: readonly Uint8Array[];
  /** `N x C x H x W`, 8-bit. */
  readonly images: Uint8Array;
}

/** Something that can make children: here, or on other threads. */
export interface Breeder {
  /**
   * Makes children, in the order of the request.
   *
   * @throws InputError where a parent is no genome of the encoding
   */
  breed(request: BreedRequest): Promise<Offspring>;
  /** Frees what it has; what is under way is rejected. */
  dispose(): Promise<void>;
}

/** What a breeder is made of, as plain data: it can be sent to another thread. */
export interface BreederSpec {
  readonly encoding: EncodingSpec;
  readonly variation: Choice;
}

/**
 * Makes children on the calling thread.
 *
 * @param variation makes children of parents; not needed where every recipe has a genome or no parents
 * @throws TypeError where a child has parents and there is no variation
 */
export async function breed<Genome>(
  encoding: Encoding<Genome>,
  variation: Variation<Genome> | undefined,
  seed: number,
  { generation, first, recipes }: BreedRequest,
): Promise<Offspring> {
  const children = recipes.map(({ parents, genome }, index): Genome => {
    if (genome !== undefined) return encoding.unpack(genome);
    const random = Random.stream(seed, CHILD_STREAM, generation, first + index);
    if (parents.length === 0) return encoding.random(random);
    if (variation === undefined) throw new TypeError('A child has parents, but there is no variation to make it by');
    return variation.apply(
      parents.map((parent) => encoding.unpack(parent)),
      random,
      generation,
    );
  });
  const images = new Uint8Array(children.length * imageSize(encoding.shape));
  await encoding.render(children, images);
  return { genomes: children.map((child) => encoding.pack(child)), images };
}

/** Breeds on the calling thread. */
export class LocalBreeder<Genome> implements Breeder {
  readonly #encoding: Encoding<Genome>;
  readonly #variation: Variation<Genome> | undefined;
  readonly #seed: number;

  /** @param variation of the emitter that the children are for, if it has one */
  constructor(encoding: Encoding<Genome>, variation: Variation<Genome> | undefined, seed: number) {
    this.#encoding = encoding;
    this.#variation = variation;
    this.#seed = seed;
  }

  async breed(request: BreedRequest): Promise<Offspring> {
    return breed(this.#encoding, this.#variation, this.#seed, request);
  }

  async dispose(): Promise<void> {
    await this.#encoding.dispose?.();
  }
}
