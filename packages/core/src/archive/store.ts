/** @file Where elites are held: a genome, a score and an id for each cell. The archive decides what may enter. */

import type { Random } from '../random/random.ts';
import type { Elite } from './archive.ts';

/** The score to beat in an empty cell: below every probability, so that the first candidate fills it. */
export const EMPTY = -1;

/** Cells with their elites. */
export class EliteStore {
  /** By cell; -1, which is below every probability, where there is no elite. */
  readonly scores: Float32Array;
  readonly #elites: (Elite | undefined)[];

  /** @param cells how many */
  constructor(cells: number) {
    this.scores = new Float32Array(cells).fill(EMPTY);
    this.#elites = new Array<Elite | undefined>(cells).fill(undefined);
  }

  /** By cell. */
  get elites(): readonly (Elite | undefined)[] {
    return this.#elites;
  }

  /** Puts an elite into a cell, over the one that may be there. */
  set(cell: number, elite: Elite): void {
    this.scores[cell] = elite.confidence;
    this.#elites[cell] = elite;
  }

  /** Elites drawn uniformly from the filled cells, with replacement. */
  sample(count: number, random: Random): Elite[] {
    const filled = this.#elites.filter((elite) => elite !== undefined);
    if (filled.length === 0) return [];
    return Array.from({ length: count }, () => filled[random.integer(filled.length)]!);
  }

  /** Takes over the better elites of other cells: those with the larger score, then the smaller id, then the first genome. */
  merge(others: readonly (Elite | undefined)[]): void {
    others.forEach((other, cell) => {
      const own = this.#elites[cell];
      if (other !== undefined && (own === undefined || isBetter(other, own))) this.set(cell, other);
    });
  }
}

/** A total order: the larger score, then the smaller id, then the genome that comes first. */
export function isBetter(one: Elite, other: Elite): boolean {
  if (one.confidence !== other.confidence) return one.confidence > other.confidence;
  if (one.id !== other.id) return one.id < other.id;
  const length = Math.min(one.genome.length, other.genome.length);
  for (let i = 0; i < length; i++) {
    if (one.genome[i] !== other.genome[i]) return one.genome[i]! < other.genome[i]!;
  }
  return one.genome.length < other.genome.length;
}
