import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.ts';
import { ADD_STATUS } from './archive.ts';
import { Grid } from './grid.ts';
import { GridArchive } from './grid-archive.ts';
import { ThresholdField } from './threshold-field.ts';
import { VectorStore } from './vector-store.ts';

const axis = { lower: 0, upper: 1, cells: 4 };

describe('a grid', () => {
  it('cuts each range into equal cells, and puts what lies beyond into the cell at the border', () => {
    const grid = new Grid([axis, { lower: -10, upper: 10, cells: 2 }]);
    expect(grid.size).toBe(8);
    const cell = (...measures: number[]) => grid.cellOf(Float64Array.from(measures));
    expect([cell(0, -10), cell(0.24, 0), cell(0.25, -0.1), cell(1, 10), cell(7, 99), cell(-7, -99)]).toEqual([
      0, 1, 2, 7, 7, 0,
    ]);
    expect(grid.cellOf(Float64Array.of(0, 0, 0.5, 0), 1)).toBe(5);
  });

  it.each([
    [[], 'at least one measure'],
    [[{ lower: 1, upper: 1, cells: 3 }], 'from 1 to 1 cannot be cut into 3 cells'],
    [[{ lower: 0, upper: 1, cells: 0.5 }], 'into 0.5 cells'],
  ])('refuses %j', (axes, message) => {
    expect(() => new Grid(axes)).toThrow(message);
  });
});

describe('thresholds', () => {
  it('move by alpha for one candidate, and by 1 - (1 - alpha)^k to the mean of k', () => {
    const field = new ThresholdField(3, { learningRate: 0.5, minimum: 2 });
    const rises = field.tell(Int32Array.of(0, 1, 1, 2), Float64Array.of(6, 4, 8, 1));
    expect([...rises]).toEqual([4, 2, 6, -1]);
    // 2 / 2 + 6 / 2; 2 / 4 + 3 / 4 * 6; not accepted.
    expect([...field.values]).toEqual([4, 5, 2]);
  });

  it('never move at alpha 0, and take over the mean of what was accepted at 1', () => {
    for (const [learningRate, then] of [
      [0, 0],
      [1, 3],
    ] as const) {
      const field = new ThresholdField(1, { learningRate, minimum: 0 });
      field.tell(Int32Array.of(0, 0, 0), Float64Array.of(2, 4, -1));
      expect(field.values[0]).toBe(then);
    }
  });
});

describe('a grid archive', () => {
  const batch = (vectors: number[], objectives: number[], measures: number[]) => ({
    vectors: Float64Array.from(vectors),
    objectives: Float64Array.from(objectives),
    measures: Float64Array.from(measures),
  });

  it('keeps the best vector of each cell, and tells what became of each candidate', () => {
    const archive = new GridArchive(new Grid([axis]), 2);
    const first = archive.add(batch([1, 1, 2, 2, 3, 3], [-5, -4, 7], [0.1, 0.2, 0.9]));
    expect([...first.status]).toEqual([ADD_STATUS.filled, ADD_STATUS.filled, ADD_STATUS.filled]);
    const second = archive.add(batch([4, 4, 5, 5], [-4, 9], [0, 1]));
    expect([...second.status]).toEqual([ADD_STATUS.rejected, ADD_STATUS.improved]);
    expect([...second.improvement]).toEqual([0, 2]);
    expect([...archive.store.vector(0)]).toEqual([2, 2]);
    expect([...archive.store.vector(3)]).toEqual([5, 5]);
    expect(archive.statistics()).toEqual({ coverage: 0.5, score: 5, best: 9 });
  });

  it('whose thresholds follow slowly gives a cell to what beats the threshold, even to what is worse than its holder', () => {
    const archive = new GridArchive(new Grid([axis]), 1, { learningRate: 0.1, minimum: 0 });
    archive.add(batch([1], [10], [0]));
    // The threshold is 1 now.
    const { improvement } = archive.add(batch([2], [5], [0]));
    expect(improvement[0]).toBeCloseTo(4, 12);
    expect(archive.store.objective(0)).toBe(5);
    expect([...archive.add(batch([3], [1], [0])).status]).toEqual([ADD_STATUS.rejected]);
  });

  it('draws its vectors with equal chances', () => {
    const archive = new GridArchive(new Grid([axis]), 1);
    expect(archive.sample(Random.stream(1))).toBeUndefined();
    archive.add(batch([1, 2, 3], [1, 1, 1], [0, 0.3, 0.6]));
    const counts = new Map<number, number>();
    const random = Random.stream(1);
    for (let i = 0; i < 3000; i++) {
      const [value] = archive.sample(random)!;
      counts.set(value!, (counts.get(value!) ?? 0) + 1);
    }
    // Five deviations of a binomial of 3000 draws at 1/3.
    for (const value of [1, 2, 3])
      expect(Math.abs(counts.get(value)! - 1000)).toBeLessThan(5 * Math.sqrt(3000 * (2 / 9)));
  });
});

describe('a store of vectors', () => {
  it('grows as cells are filled, and keeps what it was given', () => {
    const store = new VectorStore(100, 3);
    for (let cell = 99; cell >= 0; cell--) store.set(cell, [cell, 2 * cell, 3 * cell], -cell);
    store.set(7, [1, 1, 1], 5);
    expect(store.occupied).toBe(100);
    for (let cell = 0; cell < 100; cell++) {
      expect([...store.vector(cell)]).toEqual(cell === 7 ? [1, 1, 1] : [cell, 2 * cell, 3 * cell]);
      expect(store.objective(cell)).toBe(cell === 7 ? 5 : -cell);
    }
    expect(new VectorStore(1, 1).objective(0)).toBeNaN();
  });
});
