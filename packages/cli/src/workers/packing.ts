/** @file Many genomes in one buffer, to cross between threads without copies. */

import type { Recipe } from '@pareidolia/core';

/** Genomes end to end, each starting at a multiple of 8 bytes so that it can be read in place. */
export interface PackedGenomes {
  readonly bytes: Uint8Array;
  /** For each genome its first byte and its length. */
  readonly spans: Uint32Array;
}

export function packGenomes(genomes: readonly Uint8Array[]): PackedGenomes {
  const spans = new Uint32Array(2 * genomes.length);
  let total = 0;
  genomes.forEach((genome, index) => {
    spans[2 * index] = total;
    spans[2 * index + 1] = genome.length;
    total += Math.ceil(genome.length / 8) * 8;
  });
  const bytes = new Uint8Array(total);
  genomes.forEach((genome, index) => {
    bytes.set(genome, spans[2 * index]!);
  });
  return { bytes, spans };
}

/** The genomes as views on the buffer. */
export function unpackGenomes({ bytes, spans }: PackedGenomes): Uint8Array[] {
  return Array.from({ length: spans.length / 2 }, (_, index) =>
    bytes.subarray(spans[2 * index]!, spans[2 * index]! + spans[2 * index + 1]!),
  );
}

/** Recipes with all of their genomes in one buffer. */
export interface PackedRecipes {
  /** For each recipe how many parents it has, or {@link MADE} where its genome is there already. */
  readonly parents: Int32Array;
  readonly genomes: PackedGenomes;
}

const MADE = -1;

export function packRecipes(recipes: readonly Recipe[]): PackedRecipes {
  return {
    parents: Int32Array.from(recipes, ({ parents, genome }) => (genome === undefined ? parents.length : MADE)),
    genomes: packGenomes(recipes.flatMap(({ parents, genome }) => (genome === undefined ? parents : [genome]))),
  };
}

/** The recipes, whose genomes are views on the buffer. */
export function unpackRecipes({ parents, genomes }: PackedRecipes): Recipe[] {
  const all = unpackGenomes(genomes);
  let at = 0;
  return Array.from(parents, (count): Recipe => {
    if (count === MADE) return { parents: [], genome: all[at++]! };
    at += count;
    return { parents: all.slice(at - count, at) };
  });
}
