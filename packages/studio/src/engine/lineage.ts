/** @file The ancestors of an elite with their images, for the eye. */

import { breedAgain, type Individual, Lineage, type Origin } from '@pareidolia/core';
import { drawElite } from './elite-image.ts';
import type { Ancestor, Picture } from './protocol.ts';
import { thumbnail } from './thumbnail.ts';

/** What portraits are made of. */
interface PortraitSource {
  /** How the candidates of the search are made. */
  readonly origin: Origin;
  /** The packed genome of an individual that is still an elite. */
  readonly genomeOf: (id: number) => Uint8Array | undefined;
  /** No side of a picture is longer. */
  readonly size: number;
}

/** An individual that was drawn again. */
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
   * The same with pictures: of what is still an elite, and of what can be bred again, since it came about by the search's variation from
   * parents whose genomes are known. Where the journal does not say who made each of the line, they are bred
   * again as if all came about so; then, if the last one is not the individual's own genome, there are no pictures.
   *
   * @param genome the individual's own, packed
   */
  async lineWithPictures(
    { id, genome: own }: { readonly id: number; readonly genome: Uint8Array },
    classNames: readonly string[],
    { origin, genomeOf, size }: PortraitSource,
  ): Promise<Ancestor[]> {
    const individuals = this.ancestors(id);
    const isNoted = individuals.every(({ emitter }) => emitter !== undefined);
    if (!isNoted && origin.variation === undefined) return this.line(id, classNames);
    const genomes = new Map<number, Uint8Array>();
    const line: Ancestor[] = [];
    for (const individual of individuals) {
      const kept = isNoted ? (individual.id === id ? own : genomeOf(individual.id)) : undefined;
      const parents = individual.parents.map((parent) => genomes.get(parent));
      const isBred = individual.given !== true && parents.every((parent) => parent !== undefined);
      if (kept === undefined && !isBred) {
        line.push(named(individual, classNames));
        continue;
      }
      const { genome, picture } = await this.#portrait(individual, kept ?? parents.filter((one) => one !== undefined), {
        origin,
        size,
      });
      genomes.set(individual.id, genome);
      line.push({ ...named(individual, classNames), picture });
    }
    const bred = genomes.get(id);
    const isOwn = bred?.length === own.length && bred.every((byte, i) => byte === own[i]);
    return isOwn ? line : this.line(id, classNames);
  }

  /** @param from the packed genome, or those of the parents that it is bred of again */
  async #portrait(
    individual: Individual,
    from: Uint8Array | readonly Uint8Array[],
    { origin, size }: Omit<PortraitSource, 'genomeOf'>,
  ): Promise<Portrait> {
    const known = this.#portraits.get(individual.id);
    if (known !== undefined) return known;
    const { genome, image } =
      from instanceof Uint8Array
        ? { genome: from.slice(), image: await drawElite(from, origin.encoding) }
        : await breedAgain(origin, individual, from);
    const portrait = { genome, picture: thumbnail(image, origin.encoding.shape, size) };
    this.#portraits.set(individual.id, portrait);
    if (this.#portraits.size > KEPT) this.#portraits.delete(this.#portraits.keys().next().value!);
    return portrait;
  }
}

function named({ id, generation, parents, cells, emitter }: Individual, classNames: readonly string[]): Ancestor {
  return {
    id,
    generation,
    parents,
    ...(emitter === undefined ? {} : { emitter }),
    classes: cells.map((cell) => ({ ...cell, className: classNames[cell.classIndex]! })),
  };
}
