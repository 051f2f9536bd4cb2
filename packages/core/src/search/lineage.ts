/** @file Lineage: the ancestors of an elite, with their images made again. */

import type { Encoding } from '../encoding/encoding.ts';
import type { Variation } from '../variation/variation.ts';
import { breed } from './breeder.ts';

/** A cell that a candidate won, as a journal of births holds it. */
export interface BirthRecord {
  /** The candidate. */
  readonly id: number;
  readonly generation: number;
  /** Place in its generation. */
  readonly place: number;
  /** Ids of its parents, which are elites born earlier; none for what was made from nothing. */
  readonly parents: readonly number[];
  readonly classIndex: number;
  /** In [0, 1]. */
  readonly confidence: number;
  /** The emitter that proposed it; absent in journals of versions that did not note it, where {@link given} is not known either. */
  readonly emitter?: string;
  /** Whether the emitter gave the genome itself, so that it cannot be bred again from its parents. */
  readonly given?: true;
}

/** A candidate that won cells. */
export interface Individual extends Omit<BirthRecord, 'classIndex' | 'confidence'> {
  /** The cells that it won, in order of time. */
  readonly cells: readonly { readonly classIndex: number; readonly confidence: number }[];
}

/** All candidates of a search that won cells. */
export class Lineage {
  readonly #individuals = new Map<number, Individual & { cells: Individual['cells'][number][] }>();

  /** Notes a cell that was won. */
  add({ id, generation, place, parents, classIndex, confidence, emitter, given }: BirthRecord): void {
    let individual = this.#individuals.get(id);
    if (individual === undefined) {
      const making = { ...(emitter === undefined ? {} : { emitter }), ...(given === undefined ? {} : { given }) };
      individual = { id, generation, place, parents, ...making, cells: [] };
      this.#individuals.set(id, individual);
    }
    individual.cells.push({ classIndex, confidence });
  }

  /**
   * A candidate with all of its ancestors, each once, parents before children.
   *
   * @returns nothing where the candidate is not known
   */
  ancestors(id: number): readonly Individual[] {
    const found = new Map<number, Individual>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const individual = this.#individuals.get(next);
      if (individual === undefined || found.has(next)) continue;
      found.set(next, individual);
      open.push(...individual.parents);
    }
    // A parent is evaluated before its children.
    return [...found.values()].sort((a, b) => a.id - b.id);
  }
}

/** How candidates of a search were made. */
export interface Origin<Genome = unknown> {
  readonly encoding: Encoding<Genome>;
  readonly variation: Variation<Genome> | undefined;
  readonly seed: number;
}

/**
 * Makes a candidate again.
 *
 * @param parents the packed genomes of its parents
 * @returns the packed genome, and the image as `C x H x W`
 */
export async function breedAgain<Genome>(
  { encoding, variation, seed }: Origin<Genome>,
  { generation, place }: Pick<Individual, 'generation' | 'place'>,
  parents: readonly Uint8Array[],
): Promise<{ readonly genome: Uint8Array; readonly image: Uint8Array }> {
  const request = { generation, first: place, recipes: [{ parents }] };
  const { genomes, images } = await breed(encoding, variation, seed, request);
  return { genome: genomes[0]!.slice(), image: images };
}
