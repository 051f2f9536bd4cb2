import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.ts';
import { ADD_STATUS, type ScoredBatch } from './archive.ts';
import { bestOfClasses } from './best-of-classes.ts';
import { CentroidalVoronoi } from './centroidal-voronoi.ts';
import { ClassArchive } from './class-archive.ts';
import { Grid } from './grid.ts';
import { NicheArchive } from './niche-archive.ts';
import type { Partition } from './partition.ts';
import { ARCHIVES } from './registry.ts';

const halves = new Grid([{ lower: 0, upper: 1, cells: 2 }]);

/** Candidates of two classes with one measure each. */
function batch(rows: readonly (readonly [one: number, other: number, measure: number])[], firstId = 0): ScoredBatch {
  return {
    scores: { count: rows.length, numClasses: 2, data: Float32Array.from(rows.flatMap((row) => row.slice(0, 2))) },
    genomes: rows.map((_, i) => Uint8Array.of(firstId + i)),
    firstId,
    measures: Float64Array.from(rows, ([, , measure]) => measure),
  };
}

describe('an archive with niches', () => {
  it('keeps for each class the best image of each niche', () => {
    const archive = new NicheArchive([0, 1], halves);
    const { status, improvement, replacements } = archive.add(
      batch([
        [0.25, 0.5, 0.1],
        [0.75, 0.125, 0.2],
        [0.5, 0.5, 0.9],
      ]),
    );
    expect(archive.classIndices).toEqual([0, 0, 1, 1]);
    expect(archive.elites.map((elite) => elite?.id)).toEqual([1, 2, 0, 2]);
    expect([...status]).toEqual([ADD_STATUS.filled, ADD_STATUS.filled, ADD_STATUS.filled]);
    expect([...improvement]).toEqual([0.5, 0.75, 0.5]);
    expect(replacements.map(({ classIndex, id }) => [classIndex, id])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 2],
    ]);
    expect(bestOfClasses(archive)).toMatchObject({ classIndices: [0, 1], elites: [{ id: 1 }, { id: 0 }] });
  });

  it('lets a candidate with a target compete for its class alone, and refuses one that was not measured', () => {
    const archive = new NicheArchive([0, 1], halves);
    archive.add({ ...batch([[0.5, 0.75, 0]]), targets: Int32Array.of(0) });
    expect(archive.elites.map((elite) => elite?.id)).toEqual([0, undefined, undefined, undefined]);
    const { measures: _, ...unmeasured } = batch([[1, 1, 0]]);
    expect(() => archive.add(unmeasured)).toThrow('needs what was measured');
  });

  it('with one niche is the archive of the paper', () => {
    const whole = new NicheArchive([0, 1], new Grid([{ lower: 0, upper: 1, cells: 1 }]));
    const plain = new ClassArchive([0, 1]);
    const random = Random.stream(1);
    for (let round = 0; round < 20; round++) {
      const rows = Array.from({ length: 5 }, () => [random.uniform(), random.uniform(), random.uniform()] as const);
      const told = batch(rows, 5 * round);
      expect(whole.add(told)).toEqual(plain.add(told));
    }
    expect(whole.elites).toEqual(plain.elites);
  });

  it('merges into the same elites in any order, and refuses other cells', () => {
    const [one, other] = [batch([[0.5, 0.5, 0.1]], 0), batch([[0.75, 0.25, 0.1]], 9)].map((told) => {
      const archive = new NicheArchive([0, 1], halves);
      archive.add(told);
      return archive;
    }) as [NicheArchive, NicheArchive];
    const before = [...other.elites];
    other.merge(one);
    one.merge({ classIndices: one.classIndices, elites: before });
    expect(one.elites).toEqual(other.elites);
    expect(() => one.merge(new ClassArchive([0, 1]))).toThrow('merge archives of the same classes and niches');
  });

  it('has no more cells than can be kept', () => {
    const grid = new Grid([{ lower: 0, upper: 1, cells: 500 }]);
    expect(
      () =>
        new NicheArchive(
          Array.from({ length: 501 }, (_, i) => i),
          grid,
        ),
    ).toThrow('are 250500 cells');
  });
});

const square = [
  { lower: 0, upper: 1 },
  { lower: -10, upper: 10 },
];

/** Share of uniform points in each cell. */
function shares(partition: Partition): number[] {
  const counts = new Array<number>(partition.size).fill(0);
  const random = Random.stream(77);
  const n = 20_000;
  for (let i = 0; i < n; i++) {
    counts[partition.cellOf(Float64Array.of(random.uniform(), 20 * random.uniform() - 10))]! += 1 / n;
  }
  return counts;
}

describe('a centroidal Voronoi tessellation', () => {
  it('cuts one range into parts of about the same length, whose middles are where they belong', () => {
    const parts = new CentroidalVoronoi([{ lower: 0, upper: 1 }], 4, 1);
    const middles = Array.from({ length: 4 }, (_, cell) => parts.outline(cell).center[0]!).sort((a, b) => a - b);
    // The optimum is 1/8, 3/8, 5/8, 7/8 (Du, Faber and Gunzburger 1999).
    middles.forEach((middle, i) => {
      expect(Math.abs(middle - (2 * i + 1) / 8)).toBeLessThan(0.06);
    });
  });

  it('has regions of similar size, each with its own middle inside; what lies beyond belongs to one at the border', () => {
    const regions = new CentroidalVoronoi(square, 30, 2);
    for (let cell = 0; cell < 30; cell++) {
      expect(regions.cellOf(Float64Array.from(regions.outline(cell).center))).toBe(cell);
    }
    const sizes = shares(regions);
    expect(Math.max(...sizes)).toBeLessThan(3 / 30);
    expect(Math.min(...sizes)).toBeGreaterThan(1 / 100);
    expect(regions.cellOf(Float64Array.of(9, -99))).toBe(regions.cellOf(Float64Array.of(1, -10)));
    expect(regions.cellOf(Float64Array.of(Number.NaN, 0))).toBe(regions.cellOf(Float64Array.of(0, 0)));
  });

  it('depends on its seed only', () => {
    const at = (seed: number) => new CentroidalVoronoi(square, 9, seed).outline(3);
    expect(at(5)).toEqual(at(5));
    expect(at(6)).not.toEqual(at(5));
  });
});

it('boxes of a grid know where they lie', () => {
  const grid = new Grid([
    { lower: 0, upper: 1, cells: 4 },
    { lower: -10, upper: 10, cells: 2 },
  ]);
  expect(grid.outline(5)).toEqual({ center: [0.625, 5], lower: [0.5, 0], upper: [0.75, 10] });
  for (let cell = 0; cell < grid.size; cell++) {
    expect(grid.cellOf(Float64Array.from(grid.outline(cell).center))).toBe(cell);
  }
});

it('every archive of the registry takes what it is told', () => {
  for (const kind of ARCHIVES) {
    const measures = kind.isMeasured ? [{ name: 'm', lower: 0, upper: 1 }] : [];
    const archive = kind.create({ classIndices: [1, 0], measures, seed: 1 }, {});
    archive.add(batch([[0.75, 0.25, 0.5]]));
    expect(bestOfClasses(archive).classIndices).toEqual([0, 1]);
    expect(bestOfClasses(archive).elites[0]).toMatchObject({ id: 0, confidence: 0.75 });
  }
});
