/**
 * @file Elites of islands, and how they are merged: for each cell the larger score, then the genome that comes first byte by byte.
 * That is a total order, so merging is associative, commutative and idempotent, whoever does it in whatever order.
 */

import { createHash } from 'node:crypto';
import type { Elite } from '@pareidolia/core';

/** By cell; `null` where it is empty. */
export type Cells = readonly (Elite | null)[];

/** The better elites of several archives of the same cells. */
export function mergeCells(archives: readonly Cells[]): Cells {
  const [first = []] = archives;
  return first.map((_, cell) =>
    archives.reduce<Elite | null>((best, cells) => {
      const elite = cells[cell] ?? null;
      return elite !== null && (best === null || isBetter(elite, best)) ? elite : best;
    }, null),
  );
}

function isBetter(one: Elite, other: Elite): boolean {
  if (one.confidence !== other.confidence) return one.confidence > other.confidence;
  return Buffer.compare(one.genome, other.genome) < 0;
}

/** Each genome once, in the order of their bytes, and for each cell which it is. */
export function distinctGenomes(cells: Cells): {
  readonly genomes: readonly Uint8Array[];
  readonly places: readonly (number | null)[];
} {
  const byBytes = new Map<string, Uint8Array>();
  const keyOf = ({ genome }: Elite): string =>
    Buffer.from(genome.buffer, genome.byteOffset, genome.length).toString('latin1');
  for (const elite of cells) if (elite !== null) byBytes.set(keyOf(elite), elite.genome);
  const sorted = [...byBytes].sort(([, a], [, b]) => Buffer.compare(a, b));
  const places = new Map(sorted.map(([key], place) => [key, place]));
  return {
    genomes: sorted.map(([, genome]) => genome),
    places: cells.map((elite) => (elite === null ? null : places.get(keyOf(elite))!)),
  };
}

/**
 * Cells whose elites have ids that follow from their genomes, so that emitters know an elite again after an exchange, and that are none
 * of a candidate to come.
 */
export function withOwnIds(cells: Cells): Cells {
  return cells.map((elite) => {
    if (elite === null) return null;
    const digest = createHash('sha256').update(elite.genome).digest();
    return { ...elite, id: -1 - digest.readUIntBE(0, 6) };
  });
}
