/** @file The ancestors of an elite with their images, for the eye. */

import { breedAgain, type Individual, Lineage, type Origin } from '@pareidolia/core';
import type { Ancestor, Picture } from './protocol.ts';
import { thumbnail } from './thumbnail.ts';

/** An individual that was bred again. */
interface Portrait {
  readonly genome: Uint8Array;
  readonly picture: Picture;
}

/** Portraits that are kept; a line grows at its end while a run goes on, and the rest need not be bred again each time. */
const KEPT = 1000;

/** Who descends from whom, with the portraits that were made of them. */
export class Pedigree extends Lineage {
  readonly #portraits = new Map<number, Portrait>();

  /**
   * The ancestors of an individual and itself, parents first, without pictures.
   *
   * @returns nothing where the individual is not known
   */
  line(id: number, classNames: readonly string[]): Ancestor[] {
    return this.ancestors(id).map((individual) => named(individual, classNames));
  }

  /**
   * The same with pictures, where all of the line came about by the search's variation: an emitter that is made of others may also have
   * made a genome itself, which cannot be made again. Then what is bred again is not the individual's own genome.
   *
   * @param genome the individual's own, packed
   * @param size no side of a picture is longer
   */
  async lineWithPictures(
    { id, genome: own }: { readonly id: number; readonly genome: Uint8Array },
    classNames: readonly string[],
    origin: Origin,
    size: number,
  ): Promise<Ancestor[]> {
    const genomes = new Map<number, Uint8Array>();
    const line: Ancestor[] = [];
    for (const individual of this.ancestors(id)) {
      const parents = individual.parents.map((parent) => genomes.get(parent));
      if (!parents.every((parent) => parent !== undefined)) {
        line.push(named(individual, classNames));
        continue;
      }
      const { genome, picture } = await this.#portrait(individual, parents, origin, size);
      genomes.set(individual.id, genome);
      line.push({ ...named(individual, classNames), picture });
    }
    const bred = genomes.get(id);
    const isOwn = bred?.length === own.length && bred.every((byte, i) => byte === own[i]);
    return isOwn ? line : this.line(id, classNames);
  }

  async #portrait(
    individual: Individual,
    parents: readonly Uint8Array[],
    origin: Origin,
    size: number,
  ): Promise<Portrait> {
    const known = this.#portraits.get(individual.id);
    if (known !== undefined) return known;
    const { genome, image } = await breedAgain(origin, individual, parents);
    const portrait = { genome, picture: thumbnail(image, origin.encoding.shape, size) };
    this.#portraits.set(individual.id, portrait);
    if (this.#portraits.size > KEPT) this.#portraits.delete(this.#portraits.keys().next().value!);
    return portrait;
  }
}

function named({ id, generation, parents, cells }: Individual, classNames: readonly string[]): Ancestor {
  return {
    id,
    generation,
    parents,
    classes: cells.map((cell) => ({ ...cell, className: classNames[cell.classIndex]! })),
  };
}
