/** @file Where an island stands at the end of an epoch, and what several islands have found together, as bytes. */

import { InputError, type SearchState } from '@pareidolia/core';
import { z } from 'zod';
import { readRecordable, writeRecordable } from '../../job/recordable.ts';
import { type Cells, distinctGenomes } from './cells.ts';
import { pack, unpack } from './pack.ts';

const count = z.int().min(0);

/** For each cell the place of its genome, the confidence, and which candidate it was. */
const cells = z.array(z.tuple([count, z.number().min(0).max(1), z.int()]).nullable());

const island = z.strictObject({
  kind: z.literal('island'),
  done: z.boolean(),
  generations: count,
  candidates: count,
  evaluations: count,
  replacements: count,
  emitter: z.json(),
  cells,
});

const elites = z.strictObject({ kind: z.literal('elites'), cells });

/** An island at the end of an epoch. */
export interface IslandState {
  readonly state: SearchState;
  /** Whether it needs no further epoch. */
  readonly done: boolean;
}

export function writeIsland({ state, done }: IslandState): Uint8Array {
  const { generations, candidates, evaluations, replacements, elites: held, emitter } = state;
  const { rows, genomes } = rowsOf(held);
  const counts = { generations, candidates, evaluations, replacements };
  return pack({ kind: 'island', done, ...counts, emitter: writeRecordable(emitter), cells: rows }, genomes);
}

/**
 * @param size cells there have to be
 * @throws InputError where it is no island
 */
export function readIsland(bytes: Uint8Array, size: number): IslandState {
  const { header, parts } = unpack(bytes);
  const found = island.safeParse(header);
  if (!found.success) throw new InputError(`It is no island (${found.error.issues[0]!.path.join('.')})`);
  const { done, emitter, cells: rows, kind: _, ...counts } = found.data;
  return { done, state: { ...counts, elites: cellsOf(rows, parts, size), emitter: readRecordable(emitter) } };
}

/** Elites that islands have exchanged. */
export function writeElites(held: Cells): Uint8Array {
  const { rows, genomes } = rowsOf(held);
  return pack({ kind: 'elites', cells: rows }, genomes);
}

/** @throws InputError where they are none */
export function readElites(bytes: Uint8Array, size: number): Cells {
  const { header, parts } = unpack(bytes);
  const found = elites.safeParse(header);
  if (!found.success) throw new InputError(`It holds no elites (${found.error.issues[0]!.path.join('.')})`);
  return cellsOf(found.data.cells, parts, size);
}

type Rows = z.infer<typeof cells>;

function rowsOf(held: Cells): { readonly rows: Rows; readonly genomes: readonly Uint8Array[] } {
  const { genomes, places } = distinctGenomes(held);
  const rows = held.map((elite, cell): Rows[number] =>
    elite === null ? null : [places[cell]!, elite.confidence, elite.id],
  );
  return { rows, genomes };
}

function cellsOf(rows: Rows, genomes: readonly Uint8Array[], size: number): Cells {
  if (rows.length !== size) throw new InputError(`It has ${rows.length} cells instead of ${size}`);
  return rows.map((row) => {
    if (row === null) return null;
    const [place, confidence, id] = row;
    const genome = genomes[place];
    if (genome === undefined) throw new InputError(`It lacks genome ${place}`);
    return { genome, confidence, id };
  });
}
