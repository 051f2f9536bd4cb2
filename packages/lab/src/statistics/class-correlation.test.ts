import { expect, it } from 'vitest';
import { classCorrelations, neighborCorrelation, pairsByCorrelation, rankProfiles } from './class-correlation.ts';

it('ranks are those of each image alone, ties share theirs, and the size of all confidences does not count', () => {
  const confidences = Float32Array.of(0.2, 0.5, 0.2, 0.1, 0.3, 0.01, 0.02, 0.04);
  expect([...rankProfiles(confidences, 4)]).toEqual([2.5, 4, 2.5, 1, 4, 1, 2, 3]);
  expect(
    rankProfiles(
      confidences.map((value) => value / 1000),
      4,
    ),
  ).toEqual(rankProfiles(confidences, 4));
});

it('two classes that rise and fall together correlate with 1, opposite ones with -1, a constant one with none', () => {
  const profiles = Float32Array.of(...[1, 10, 3, 7], ...[2, 20, 2, 7], ...[3, 30, 1, 7]);
  const expected = [
    [1, 1, -1, 0],
    [1, 1, -1, 0],
    [-1, -1, 1, 0],
    [0, 0, 0, 0],
  ].flat();
  for (const [place, value] of classCorrelations(profiles, 4).entries())
    expect(value).toBeCloseTo(expected[place]!, 12);
  // Pearson by hand: (1, 2, 3) and (1, 3, 2) have covariance 1/2 of deviations 1 and 1.
  expect(classCorrelations(Float32Array.of(1, 1, 2, 3, 3, 2), 2)[1]).toBeCloseTo(0.5, 12);
});

it('the test of neighbors has the p of all orders', () => {
  // Three classes have three orders up to direction, told apart by the one in the middle: means .6, .45 and .15.
  const correlations = Float64Array.of(...[1, 0.9, 0], ...[0.9, 1, 0.3], ...[0, 0.3, 1]);
  const { observed, expected, p } = neighborCorrelation(correlations, 3);
  expect(observed).toBeCloseTo(0.6, 12);
  expect(expected).toBeCloseTo(0.4, 12);
  expect(Math.abs(p - 1 / 3)).toBeLessThan(0.04);
  expect(pairsByCorrelation(correlations, 3)).toEqual([
    { first: 0, second: 1, correlation: 0.9 },
    { first: 1, second: 2, correlation: 0.3 },
    { first: 0, second: 2, correlation: 0 },
  ]);
});
