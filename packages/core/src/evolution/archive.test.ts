import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scores } from '../classifier/scores.ts';
import { EliteArchive } from './archive.ts';

function scores(rows: readonly (readonly number[])[]): Scores {
  return { count: rows.length, numClasses: rows[0]!.length, data: Float32Array.from(rows.flat()) };
}

const genomes = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => Uint8Array.of(i));

describe('the archive', () => {
  it('gives an image that is best for three classes three cells', () => {
    const archive = new EliteArchive([0, 1, 2, 3]);
    archive.tell(
      scores([
        [0.1, 0.2, 0.3, 0.4],
        [0.3, 0.3, 0.4, 0],
      ]),
      genomes(2),
      10,
    );
    expect(archive.elites.map((elite) => elite?.id)).toEqual([11, 11, 11, 10]);
    expect(archive.elites.map((elite) => elite?.genome[0])).toEqual([1, 1, 1, 0]);
  });

  it('keeps the older image where the newer one is only as good', () => {
    const archive = new EliteArchive([0, 1]);
    archive.tell(scores([[0.5, 0.5]]), genomes(1), 0);
    expect(archive.tell(scores([[0.5, 0.5]]), genomes(1), 1)).toEqual([]);
    expect(archive.elites.map((elite) => elite?.id)).toEqual([0, 0]);
  });

  it('counts every replacement within a batch as a jump', () => {
    const archive = new EliteArchive([0]);
    const jumps = archive.tell(scores([[0.25], [0.125], [0.5], [0.75]]), genomes(4), 0);
    expect(jumps.map(({ id, confidence }) => [id, confidence])).toEqual([
      [0, 0.25],
      [2, 0.5],
      [3, 0.75],
    ]);
  });

  it('looks only at the classes that are searched', () => {
    const archive = new EliteArchive([3, 1]);
    archive.tell(scores([[0.7, 0.1, 0.1, 0.1]]), genomes(1), 0);
    expect(archive.classIndices).toEqual([1, 3]);
    expect(archive.elites).toHaveLength(2);
  });

  it('is not disturbed when the batch it was told is overwritten', () => {
    const archive = new EliteArchive([0]);
    const genome = Uint8Array.of(7, 8, 9);
    archive.tell(scores([[0.5]]), [genome], 0);
    genome.fill(0);
    expect([...archive.elites[0]!.genome]).toEqual([7, 8, 9]);
  });

  it('agrees with the rule told one child and one class at a time', () => {
    const batch = fc.array(fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 4, maxLength: 4 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 4 }), (batches) => {
        const archive = new EliteArchive([0, 1, 2, 3]);
        const plain: { id: number; score: number }[] = Array.from({ length: 4 }, () => ({ id: -1, score: -1 }));
        let id = 0;
        let plainJumps = 0;
        let jumps = 0;
        for (const rows of batches) {
          jumps += archive.tell(
            scores(rows.map((row) => row.map((value) => value / 8))),
            genomes(rows.length),
            id,
          ).length;
          for (const row of rows) {
            row.forEach((value, column) => {
              if (value / 8 <= plain[column]!.score) return;
              plain[column] = { id, score: value / 8 };
              plainJumps++;
            });
            id++;
          }
        }
        expect(archive.elites.map((elite) => elite!.id)).toEqual(plain.map((cell) => cell.id));
        expect(archive.elites.map((elite) => elite!.confidence)).toEqual(plain.map((cell) => cell.score));
        expect(jumps).toBe(plainJumps);
      }),
    );
  });
});
