import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scores } from '../classifier/scores.ts';
import { InputError } from '../errors.ts';
import { ADD_STATUS, type AddResult, type Archive } from './archive.ts';
import { ClassArchive } from './class-archive.ts';

function scores(rows: readonly (readonly number[])[]): Scores {
  return { count: rows.length, numClasses: rows[0]!.length, data: Float32Array.from(rows.flat()) };
}

function add(archive: Archive, rows: readonly (readonly number[])[], firstId = 0, before?: Float32Array): AddResult {
  const genomes = rows.map((_, i) => Uint8Array.of(firstId + i));
  return archive.add({ scores: scores(rows), genomes, firstId }, before);
}

describe('the archive of one elite for each class', () => {
  it('gives an image that is best for three classes three cells', () => {
    const archive = new ClassArchive([0, 1, 2, 3]);
    add(
      archive,
      [
        [0.1, 0.2, 0.3, 0.4],
        [0.3, 0.3, 0.4, 0],
      ],
      10,
    );
    expect(archive.elites.map((elite) => elite?.id)).toEqual([11, 11, 11, 10]);
    expect(archive.elites.map((elite) => elite?.genome[0])).toEqual([11, 11, 11, 10]);
  });

  it('copies the genome of a winner, also out of a Buffer of Node, whose slices are views', () => {
    const archive = new ClassArchive([0]);
    const genome = Buffer.of(7);
    archive.add({ scores: scores([[0.5, 0.5]]), genomes: [genome], firstId: 0 });
    genome[0] = 8;
    expect(archive.elites[0]?.genome[0]).toBe(7);
  });

  it('refuses scores that have no column for one of its classes', () => {
    expect(() => add(new ClassArchive([1, 5]), [[0.5, 0.5]])).toThrow(InputError);
  });

  it('keeps the older image where the newer one is only as good', () => {
    const archive = new ClassArchive([0, 1]);
    add(archive, [[0.5, 0.5]]);
    expect(add(archive, [[0.5, 0.5]], 1).replacements).toEqual([]);
    expect(archive.elites.map((elite) => elite?.id)).toEqual([0, 0]);
  });

  it('counts every replacement within a batch', () => {
    const archive = new ClassArchive([0]);
    const { replacements } = add(archive, [[0.25], [0.125], [0.5], [0.75]]);
    expect(replacements.map(({ id, confidence }) => [id, confidence])).toEqual([
      [0, 0.25],
      [2, 0.5],
      [3, 0.75],
    ]);
  });

  it('looks only at the classes that are searched', () => {
    const archive = new ClassArchive([3, 1]);
    add(archive, [[0.7, 0.1, 0.1, 0.1]]);
    expect(archive.classIndices).toEqual([1, 3]);
    expect(archive.elites).toHaveLength(2);
  });

  it('is not disturbed when the batch it was told is overwritten', () => {
    const archive = new ClassArchive([0]);
    const genome = Uint8Array.of(7, 8, 9);
    archive.add({ scores: scores([[0.5]]), genomes: [genome], firstId: 0 });
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
        const archive = new ClassArchive([0, 1, 2, 3]);
        const plain: { id: number; score: number }[] = Array.from({ length: 4 }, () => ({ id: -1, score: -1 }));
        let id = 0;
        let plainReplacements = 0;
        let replacements = 0;
        for (const rows of batches) {
          const eighths = rows.map((row) => row.map((value) => value / 8));
          replacements += add(archive, eighths, id).replacements.length;
          for (const row of rows) {
            row.forEach((value, column) => {
              if (value / 8 <= plain[column]!.score) return;
              plain[column] = { id, score: value / 8 };
              plainReplacements++;
            });
            id++;
          }
        }
        expect(archive.elites.map((elite) => elite!.id)).toEqual(plain.map((cell) => cell.id));
        expect(archive.elites.map((elite) => elite!.confidence)).toEqual(plain.map((cell) => cell.score));
        expect(replacements).toBe(plainReplacements);
      }),
    );
  });

  it('says what became of each candidate, against the archive as it was before the generation', () => {
    const archive = new ClassArchive([0, 1]);
    archive.restore(0, { id: 0, confidence: 0.5, genome: new Uint8Array(1) });
    const before = archive.thresholds();
    const rows = [
      [0.25, 0.125],
      [0.75, 0.0625],
      [0.625, 0],
      [0.5, 0],
    ];
    const whole = add(archive, rows, 10, before);
    // Class 1 was empty, so every candidate would fill it.
    expect([...whole.status]).toEqual([2, 2, 2, 2]);
    expect([...whole.improvement]).toEqual([0.125, 0.25, 0.125, 0]);
    const one = new ClassArchive([0]);
    one.restore(0, { id: 0, confidence: 0.5, genome: new Uint8Array(1) });
    const { status, improvement } = add(
      one,
      rows.map(([score]) => [score!]),
      10,
    );
    expect([...status]).toEqual([ADD_STATUS.rejected, ADD_STATUS.improved, ADD_STATUS.improved, ADD_STATUS.rejected]);
    expect([...improvement]).toEqual([-0.25, 0.25, 0.125, 0]);
  });

  it('compares a candidate with a target with the elite of that class only', () => {
    const archive = new ClassArchive([0, 1]);
    const rows = [
      [0.9, 0.8],
      [0.7, 0.6],
    ];
    const genomes = [Uint8Array.of(0), Uint8Array.of(1)];
    archive.add({ scores: scores(rows), genomes, firstId: 0, targets: Int32Array.of(1, -1) });
    expect(archive.elites.map((elite) => elite?.id)).toEqual([1, 0]);
  });
});

describe('merging archives', () => {
  const elite = fc.record({
    confidence: fc.integer({ min: 0, max: 3 }).map((value) => value / 4),
    id: fc.integer({ min: 0, max: 3 }),
    genome: fc.uint8Array({ minLength: 1, maxLength: 2 }),
  });
  const archive = fc.array(fc.option(elite, { nil: undefined }), { minLength: 3, maxLength: 3 }).map((elites) => {
    const made = new ClassArchive([2, 5, 7]);
    elites.forEach((one, cell) => {
      if (one !== undefined) made.restore(cell, one);
    });
    return made;
  });
  const merged = (...archives: readonly ClassArchive[]): ClassArchive => {
    const all = new ClassArchive([2, 5, 7]);
    for (const each of archives) all.merge(each);
    return all;
  };

  it('gives the same elites in any order and grouping', () => {
    fc.assert(
      fc.property(archive, archive, archive, (a, b, c) => {
        const expected = merged(a, b, c).elites;
        expect(merged(c, a, b).elites).toEqual(expected);
        expect(merged(b, c, a).elites).toEqual(expected);
        expect(merged(merged(a, b), c).elites).toEqual(expected);
        expect(merged(a, merged(c, b)).elites).toEqual(expected);
        expect(merged(a, a).elites).toEqual(a.elites);
      }),
    );
  });

  it('keeps the larger score, then the smaller id', () => {
    const genome = new Uint8Array(1);
    const [a, b] = [new ClassArchive([0, 1]), new ClassArchive([0, 1])];
    a.restore(0, { id: 9, confidence: 0.5, genome });
    a.restore(1, { id: 9, confidence: 0.5, genome });
    b.restore(0, { id: 3, confidence: 0.5, genome });
    b.restore(1, { id: 10, confidence: 0.75, genome });
    a.merge(b);
    expect(a.elites.map((one) => one?.id)).toEqual([3, 10]);
    expect(a.thresholds()).toEqual(Float32Array.of(0.5, 0.75));
  });

  it('is what telling one archive everything gives', () => {
    const batch = fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 2 }), { maxLength: 8 });
    fc.assert(
      fc.property(batch, fc.nat(8), (rows, cut) => {
        const whole = new ClassArchive([0, 1]);
        const [first, second] = [new ClassArchive([0, 1]), new ClassArchive([0, 1])];
        const shares = rows.map((row) => row.map((value) => value / 4));
        const part = Math.min(cut, rows.length);
        if (rows.length > 0) add(whole, shares);
        if (part > 0) add(first, shares.slice(0, part));
        if (part < rows.length) add(second, shares.slice(part), part);
        second.merge(first);
        expect(second.elites).toEqual(whole.elites);
      }),
    );
  });

  it('refuses an archive of other classes', () => {
    expect(() => new ClassArchive([0, 1]).merge(new ClassArchive([0, 2]))).toThrow(InputError);
  });
});
