import { expect, it } from 'vitest';
import { compareDetectors } from './choose.ts';
import type { ScoredSource } from './scored.ts';

const source = (name: string, ...scores: readonly number[][]): ScoredSource => ({
  name,
  title: name,
  isWhole: false,
  scores: scores.map((own) => Float64Array.from(own)),
});

const repeated = (value: number, times: number): number[] => new Array<number>(times).fill(value);

/** Real images that all have the score 1, so that the threshold is 1 in every sample. */
const REAL = Float64Array.from(repeated(1, 100));

it('the interval of a share is that of a binomial where the threshold is certain', () => {
  const [only] = compareDetectors([REAL], [source('noise', [...repeated(0, 150), ...repeated(2, 50)])], 0.95, 1);
  expect(only!.stopped).toBe(0.75);
  // 0.75 -+ 1.96 sqrt(0.75 0.25 / 200), by samples: within a tenth of its width.
  const reach = 1.96 * Math.sqrt((0.75 * 0.25) / 200);
  expect(Math.abs(only!.interval[0] - (0.75 - reach))).toBeLessThan(0.015);
  expect(Math.abs(only!.interval[1] - (0.75 + reach))).toBeLessThan(0.015);
});

it('images above the threshold of real ones pass, as do equal ones', () => {
  const [only] = compareDetectors([REAL], [source('noise', [0, 1, 2, 0])], 0.95, 1);
  expect(only!.stopped).toBe(0.5);
});

it('outliers count as much as all sources of garbage together', () => {
  const sources = [source('a', [0, 0]), source('b', [0, 2]), source('outliers', [2, 2])];
  const [only] = compareDetectors([REAL], sources, 0.95, 1);
  // ((1 + 1/2) / 2 + 0) / 2
  expect(only!.stopped).toBe(0.375);
});

it('a difference is within chance where few images make it, and beyond it where many do', () => {
  const few = compareDetectors([REAL, REAL], [source('noise', [0, 0, 0, 2], [0, 0, 2, 2])], 0.95, 1);
  expect(few[1]).toMatchObject({ difference: 0.25, isWithinChance: true });
  const many = compareDetectors(
    [REAL, REAL],
    [source('noise', [...repeated(0, 300), ...repeated(2, 100)], [...repeated(0, 200), ...repeated(2, 200)])],
    0.95,
    1,
  );
  expect(many[1]).toMatchObject({ difference: 0.25, isWithinChance: false });
  expect(many[0]).toMatchObject({ difference: 0, differenceInterval: [0, 0], isWithinChance: true });
});

it('a few outliers do not hide what much garbage shows', () => {
  const sources = [
    source('noise', repeated(0, 400), [...repeated(0, 200), ...repeated(2, 200)]),
    source('outliers', [0, 2, 0], [0, 0, 2]),
  ];
  const [best, other] = compareDetectors([REAL, REAL], sources, 0.95, 1);
  expect(best).toMatchObject({ difference: 0, isWithinChance: true });
  expect(other!.difference).toBe(0.25);
  expect(other!.isWithinChance).toBe(false);
});

it('only those that may be best are compared with', () => {
  const [best, other] = compareDetectors([REAL, REAL], [source('noise', [0, 0], [0, 2])], 0.95, 1, [false, true]);
  expect(best!.difference).toBe(-0.5);
  expect(other!.difference).toBe(0);
});

it('the same seed gives the same intervals', () => {
  const sources = [source('noise', [0, 2, 0, 1, 3, 0, 0, 0.5])];
  const run = () => compareDetectors([Float64Array.from([1, 2, 3, 0, 2, 1])], sources, 0.8, 7);
  expect(run()).toEqual(run());
});
