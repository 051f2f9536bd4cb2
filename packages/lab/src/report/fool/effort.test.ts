import { describe, expect, it } from 'vitest';
import { classResult, history } from '../../testing/fool-report-data.ts';
import { effortOf, trendOfSearch } from './effort.ts';

const tried = { emitter: 'mutation', encoding: 'cppn', generations: 40 } as const;
const classes = [0.982, 0.4].map((confidence, index) => classResult(index, { confidence }));
/** A history whose median and mean follow a curve. */
const along = (length: number, at: (i: number) => number) =>
  history(length).map((row, i) => ({ ...row, median: at(i), mean: at(i) }));
const plain = (text: string | undefined): string => (text ?? '').replaceAll('\u00a0', ' ');
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

describe('what a search may say that has not fooled all classes', () => {
  it('is what it tried, that it still rose, and that this is no limit', () => {
    // Log-odds that rise by 0.1 in each generation: 0.1 i - 2, so from 0.5 at the 26th to 1.9 at the 40th.
    const search = { searched: 2, classes, evaluations: 4100, history: along(40, (i) => logistic(0.1 * i - 2)), tried };
    expect(effortOf(search)?.trend).toBe('rising');
    expect(plain(effortOf(search)?.text)).toBe(
      'Tried: 4,100 images in 40 generations, emitter mutation, encoding cppn. The confidence was still rising at the end: in the last third the median class went from 62.2 % to 87 %. This is what so much work has found, not the most that the network can be brought to.',
    );
  });

  it('is nothing where all are fooled', () => {
    const fooled = [0.99, 1].map((confidence, index) => classResult(index, { confidence }));
    expect(effortOf({ searched: 2, classes: fooled, evaluations: 1, history: history(40), tried })).toBeUndefined();
  });

  it('counts a class without an image as not fooled', () => {
    expect(effortOf({ searched: 1, classes: [], evaluations: 1, history: [], tried })?.trend).toBe('too short');
  });
});

describe('the trend of a search', () => {
  it('is that of the mean where the median class is constant', () => {
    const rows = along(40, () => 0.5).map((row, i) => ({ ...row, mean: logistic(0.1 * i - 2) }));
    expect(trendOfSearch(rows)).toMatchObject({ trend: 'rising', sentence: expect.stringContaining('the mean over') });
  });

  it('is that of the mean alone where the median class is fooled', () => {
    const rows = along(40, (i) => 1 - 10 ** (-3 - i / 20)).map((row) => ({ ...row, mean: 0.6 }));
    expect(trendOfSearch(rows).trend).toBe('level');
  });

  it('is level where both are constant', () => {
    expect(trendOfSearch(along(40, (i) => (i < 5 ? 0.1 : 0.6)))).toMatchObject({ trend: 'level' });
  });

  it('is told in confidences that are near 1, too: 99 % to 99.9 %', () => {
    expect(trendOfSearch(along(40, (i) => 1 - 10 ** (-1 - i / 20))).trend).toBe('rising');
  });

  it('is not told of few generations', () => {
    expect(trendOfSearch(history(5)).trend).toBe('too short');
  });
});
