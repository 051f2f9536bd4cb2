import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveSearch } from '../search/spec.ts';
import { ADD_STATUS } from './archive.ts';
import { ClassArchive } from './class-archive.ts';
import { FewestArchive } from './fewest-archive.ts';

type Rows = readonly (readonly number[])[];

function batchOf(rows: Rows, firstId = 0) {
  return {
    scores: { count: rows.length, numClasses: rows[0]!.length, data: Float32Array.from(rows.flat()) },
    genomes: rows.map((_, row) => Uint8Array.of(firstId + row)),
    firstId,
  };
}

function archiveOf(rows: Rows, enough = 0.5): FewestArchive {
  const archive = new FewestArchive([0, 1, 2, 3], enough);
  archive.add(batchOf(rows));
  return archive;
}

const holders = ({ elites }: Pick<FewestArchive, 'elites'>) => elites.map((elite) => elite?.id);

describe('an archive of the fewest images', () => {
  it('lets one image take the place of two, though it is less certain than both', () => {
    const archive = archiveOf([
      [0.9, 0.1, 0.1, 0.1],
      [0.1, 0.9, 0.1, 0.1],
      [0.6, 0.6, 0.1, 0.1],
    ]);
    expect(holders(archive).slice(0, 2)).toEqual([2, 2]);
  });

  it('does not put it there where it is not enough for one of them', () => {
    const rows = [
      [0.9, 0.1, 0.1, 0.1],
      [0.1, 0.9, 0.1, 0.1],
      [0.6, 0.45, 0.1, 0.1],
    ];
    expect(holders(archiveOf(rows)).slice(0, 2)).toEqual([0, 1]);
    expect(holders(archiveOf(rows, 0.4)).slice(0, 2)).toEqual([2, 2]);
  });

  it('takes no class away from an image that other classes need, where nothing is saved', () => {
    const archive = archiveOf([
      [0.9, 0.9, 0.1, 0.1],
      [0.95, 0.1, 0.1, 0.1],
    ]);
    expect(holders(archive).slice(0, 2)).toEqual([0, 0]);
  });

  it('takes them where the image is the first that is enough for another class', () => {
    const archive = archiveOf([
      [0.9, 0.9, 0.1, 0.1],
      [0.6, 0.1, 0.7, 0.1],
    ]);
    expect(holders(archive).slice(0, 3)).toEqual([1, 0, 1]);
  });

  it('of the same classes prefers the image with the higher least confidence', () => {
    const archive = archiveOf([
      [0.9, 0.6, 0.1, 0.1],
      [0.7, 0.7, 0.1, 0.1],
      [0.99, 0.65, 0.1, 0.1],
    ]);
    expect(holders(archive).slice(0, 2)).toEqual([1, 1]);
  });

  it('keeps to the only class that a candidate competes for', () => {
    const archive = new FewestArchive([0, 1], 0.5);
    archive.add({ ...batchOf([[0.9, 0.8]]), targets: Int32Array.of(1) });
    expect(holders(archive)).toEqual([undefined, 0]);
  });

  it('says what became of candidates', () => {
    const archive = archiveOf([[0.9, 0.1, 0.1, 0.1]]);
    const { status, replacements } = archive.add(
      batchOf(
        [
          [0.6, 0.6, 0, 0],
          [0.2, 0.2, 0, 0],
        ],
        1,
      ),
    );
    expect([...status]).toEqual([ADD_STATUS.improved, ADD_STATUS.rejected]);
    expect(replacements.map(({ classIndex, id }) => [classIndex, id])).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });
});

describe('whatever it is told', () => {
  const row = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 4, maxLength: 4 });
  const rows = fc.array(row, { minLength: 1, maxLength: 30 });

  it('a class that is covered stays so, and the number of images does not rise unless that of the covered classes does', () => {
    fc.assert(
      fc.property(rows, (told) => {
        const archive = new FewestArchive([0, 1, 2, 3], 0.5);
        const state = () => {
          const covering = archive.elites.filter((elite) => elite !== undefined && elite.confidence >= 0.5);
          return { covered: covering.length, images: new Set(covering.map((elite) => elite!.id)).size };
        };
        let before = state();
        told.forEach((scores, id) => {
          archive.add(batchOf([scores.map((eighths) => eighths / 8)], id));
          const after = state();
          expect(after.covered).toBeGreaterThanOrEqual(before.covered);
          if (after.covered === before.covered) expect(after.images).toBeLessThanOrEqual(before.images);
          before = after;
        });
      }),
    );
  });

  it('it covers the classes that the archive of the paper covers', () => {
    fc.assert(
      fc.property(rows, (told) => {
        const [few, many] = [new FewestArchive([0, 1, 2, 3], 0.5), new ClassArchive([0, 1, 2, 3])];
        const batch = batchOf(told.map((scores) => scores.map((eighths) => eighths / 8)));
        for (const archive of [few, many]) archive.add(batch);
        const covered = ({ elites }: Pick<ClassArchive, 'elites'>) =>
          elites.map((elite) => elite !== undefined && elite.confidence >= 0.5);
        expect(covered(few)).toEqual(covered(many));
      }),
    );
  });

  it('where no image can be enough for two classes it holds what the archive of the paper holds', () => {
    // Probabilities that sum to 1, and 0.51 is enough.
    fc.assert(
      fc.property(rows, (told) => {
        const [few, many] = [new FewestArchive([0, 1, 2, 3], 0.51), new ClassArchive([0, 1, 2, 3])];
        const batch = batchOf(
          told.map((scores) => scores.map((part) => (part + 0.125) / (scores.reduce((a, b) => a + b) + 0.5))),
        );
        for (const archive of [few, many]) archive.add(batch);
        const sure = ({ elites }: Pick<ClassArchive, 'elites'>) =>
          elites.map((elite) => (elite !== undefined && elite.confidence >= 0.51 ? elite : undefined));
        expect(sure(few)).toEqual(sure(many));
      }),
    );
  });

  it('goes on from its elites as if it had never stopped', () => {
    fc.assert(
      fc.property(rows, rows, (first, second) => {
        const whole = new FewestArchive([0, 1, 2, 3], 0.5);
        const scaled = (told: Rows) => told.map((scores) => scores.map((eighths) => eighths / 8));
        whole.add(batchOf(scaled(first)));
        const resumed = new FewestArchive([0, 1, 2, 3], 0.5);
        whole.elites.forEach((elite, cell) => {
          if (elite !== undefined) resumed.restore(cell, elite);
        });
        for (const archive of [whole, resumed]) archive.add(batchOf(scaled(second), first.length));
        expect(resumed.elites).toEqual(whole.elites);
      }),
    );
  });
});

describe('its setting', () => {
  it('is written down with the search, and refused elsewhere', () => {
    const shape = { channels: 1, height: 4, width: 4 } as const;
    expect(resolveSearch({ archive: 'fewest' }, shape).archiveSettings).toEqual({ enough: 0.5 });
    expect(resolveSearch({ archive: 'classes' }, shape)).not.toHaveProperty('archiveSettings');
    expect(() => resolveSearch({ settings: { enough: 0.3 } }, shape)).toThrow('There is no setting enough');
  });
});
