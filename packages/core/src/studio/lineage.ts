/**
 * @file Where an elite comes from. A run keeps who descends from whom, and a child depends on the seed, its place and its
 * parent only: so each ancestor can be bred again, from the first one on.
 */

import type { Encoding } from '../encoding/encoding.ts';
import { breedNow } from '../evolution/breeder.ts';
import { imageSize } from '../image/images.ts';
import type { Ancestor } from './protocol.ts';

/** A cell that an individual took. */
export interface Birth {
  readonly id: number;
  readonly generation: number;
  readonly class: number;
  readonly confidence: number;
  /** `null` where it was made from nothing. */
  readonly parent: number | null;
}

interface Individual {
  readonly generation: number;
  readonly parent: number | null;
  readonly classes: { readonly class: number; readonly confidence: number }[];
}

/** Who descends from whom, as births are told. */
export class Pedigree {
  readonly #individuals = new Map<number, Individual>();

  add({ id, generation, parent, class: label, confidence }: Birth): void {
    let individual = this.#individuals.get(id);
    if (individual === undefined) {
      individual = { generation, parent, classes: [] };
      this.#individuals.set(id, individual);
    }
    individual.classes.push({ class: label, confidence });
  }

  /**
   * From the first ancestor to the individual itself, without pictures.
   *
   * @returns nothing where the individual is not known
   */
  line(id: number, labels: readonly string[]): Ancestor[] {
    const line: Ancestor[] = [];
    let at: number | null = id;
    while (at !== null) {
      const individual = this.#individuals.get(at);
      if (individual === undefined) break;
      line.unshift({
        id: at,
        generation: individual.generation,
        classes: individual.classes.map((cell) => ({ ...cell, label: labels[cell.class]! })),
      });
      at = individual.parent;
    }
    return line;
  }
}

export interface Origin {
  readonly encoding: Encoding;
  readonly seed: number;
  /** Children in a generation: an individual's id is its place in the order of evaluation. */
  readonly batch: number;
}

/** The line with pictures. */
export function withPictures(line: readonly Ancestor[], { encoding, seed, batch }: Origin): Ancestor[] {
  let parent: Uint8Array | undefined;
  return line.map((ancestor) => {
    const { generation, id } = ancestor;
    const brood = breedNow(encoding, seed, { generation, first: id - generation * batch, parents: [parent] });
    parent = brood.genomes[0]!.slice();
    const planes = brood.images.slice(0, imageSize(encoding.shape));
    return { ...ancestor, picture: { ...encoding.shape, planes } };
  });
}
