import { breedNow, type Encoding, imageSize } from '@pareidolia/core';
import type { Ancestor, Picture } from './protocol.ts';
import { thumbnail } from './thumbnail.ts';

/** A cell that an individual took. */
export interface Birth {
  readonly id: number;
  readonly generation: number;
  readonly classIndex: number;
  readonly confidence: number;
  /** `null` where it was made from nothing. */
  readonly parent: number | null;
}

interface Individual {
  readonly generation: number;
  readonly parent: number | null;
  readonly classes: { readonly classIndex: number; readonly confidence: number }[];
}

/** An individual that was bred again. */
interface Portrait {
  readonly genome: Uint8Array;
  readonly picture: Picture;
}

/** Portraits that are kept; a line grows at its end while a run goes on, and the rest need not be bred again each time. */
const KEPT = 1000;

/** Who descends from whom, as births are told. */
export class Pedigree {
  readonly #individuals = new Map<number, Individual>();
  readonly #portraits = new Map<number, Portrait>();

  add({ id, generation, parent, classIndex, confidence }: Birth): void {
    let individual = this.#individuals.get(id);
    if (individual === undefined) {
      individual = { generation, parent, classes: [] };
      this.#individuals.set(id, individual);
    }
    individual.classes.push({ classIndex, confidence });
  }

  /** What was kept of an individual, or what is made now. */
  portrait(id: number, make: () => Portrait): Portrait {
    const known = this.#portraits.get(id);
    if (known !== undefined) return known;
    const portrait = make();
    this.#portraits.set(id, portrait);
    if (this.#portraits.size > KEPT) this.#portraits.delete(this.#portraits.keys().next().value!);
    return portrait;
  }

  /**
   * From the first ancestor to the individual itself, without pictures.
   *
   * @returns nothing where the individual is not known
   */
  line(id: number, classNames: readonly string[]): Ancestor[] {
    const line: Ancestor[] = [];
    let at: number | null = id;
    while (at !== null) {
      const individual = this.#individuals.get(at);
      if (individual === undefined) break;
      line.unshift({
        id: at,
        generation: individual.generation,
        classes: individual.classes.map((cell) => ({ ...cell, className: classNames[cell.classIndex]! })),
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

/**
 * The line with pictures.
 *
 * @param size no side of a picture is longer
 */
export function withPictures(
  line: readonly Ancestor[],
  { encoding, seed, batch }: Origin,
  pedigree: Pedigree,
  size: number,
): Ancestor[] {
  let parent: Uint8Array | undefined;
  return line.map((ancestor) => {
    const { generation, id } = ancestor;
    const { genome, picture } = pedigree.portrait(id, () => {
      const brood = breedNow(encoding, seed, { generation, first: id - generation * batch, parents: [parent] });
      const planes = brood.images.slice(0, imageSize(encoding.shape));
      return { genome: brood.genomes[0]!.slice(), picture: thumbnail(planes, encoding.shape, size) };
    });
    parent = genome;
    return { ...ancestor, picture };
  });
}
