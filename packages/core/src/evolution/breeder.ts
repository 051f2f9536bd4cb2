/** @file Makes children and their images. Each child depends on the seed, its generation, its place and its parent only. */

import type { Encoding } from '../encoding/encoding.ts';
import { imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';

/** Keys of the streams that a search draws from. */
export const SELECTION_STREAM = 0;
const CHILD_STREAM = 1;

/** A row of children to be made. */
export interface BreedRequest {
  /** 0 for the random population. */
  readonly generation: number;
  /** Place of the first child in its generation. */
  readonly first: number;
  /** The packed genome of each child's parent; `undefined` asks for a random genome. */
  readonly parents: readonly (Uint8Array | undefined)[];
}

/** Children with their images, in the order of the request. */
export interface Brood {
  readonly genomes: readonly Uint8Array[];
  /** `N x C x H x W`, 8-bit. */
  readonly images: Uint8Array;
}

/** Something that can make children: here, or on other threads. */
export interface Breeder {
  breed(request: BreedRequest): Promise<Brood>;
  dispose(): Promise<void>;
}

/** Makes a brood at once, on the calling thread. */
export function breedNow<Genome>(encoding: Encoding<Genome>, seed: number, request: BreedRequest): Brood {
  const children = request.parents.map((parent, index) => {
    const random = Random.stream(seed, CHILD_STREAM, request.generation, request.first + index);
    return parent === undefined
      ? encoding.random(random)
      : encoding.mutate(encoding.unpack(parent), random, request.generation);
  });
  const images = new Uint8Array(children.length * imageSize(encoding.shape));
  encoding.render(children, images);
  return { genomes: children.map((child) => encoding.pack(child)), images };
}

/** Breeds on the calling thread. */
export class LocalBreeder<Genome> implements Breeder {
  readonly #encoding: Encoding<Genome>;
  readonly #seed: number;

  constructor(encoding: Encoding<Genome>, seed: number) {
    this.#encoding = encoding;
    this.#seed = seed;
  }

  async breed(request: BreedRequest): Promise<Brood> {
    return breedNow(this.#encoding, this.#seed, request);
  }

  async dispose(): Promise<void> {}
}
