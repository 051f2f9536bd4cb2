import { expect, it } from 'vitest';
import { DecisionArchive } from './decision-archive.ts';

const add = (archive: DecisionArchive, rows: readonly (readonly number[])[], targets?: Int32Array): void => {
  const scores = { count: rows.length, numClasses: 3, data: Float32Array.from(rows.flat()) };
  const genomes = rows.map((_, row) => Uint8Array.of(row));
  archive.add({ scores, genomes, firstId: 0, ...(targets === undefined ? {} : { targets }) });
};

it('an image holds the cell of the class it is taken for, and no other', () => {
  const archive = new DecisionArchive([0, 1, 2]);
  add(archive, [
    [0.5, 0.375, 0.125],
    [0.25, 0.625, 0.125],
    [0.125, 0.5, 0.375],
  ]);
  expect(archive.elites.map((elite) => elite?.id)).toEqual([0, 1, undefined]);
});

it('an image with a target that is taken for another class holds no cell', () => {
  const archive = new DecisionArchive([0, 1, 2]);
  add(archive, [[0.5, 0.375, 0.125]], Int32Array.of(1));
  expect(archive.elites).toEqual([undefined, undefined, undefined]);
});
