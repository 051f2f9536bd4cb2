import { expect, it } from 'vitest';
import { seen, sourceOf } from '../testing/fit-source.ts';
import { openmax } from './openmax.ts';

const LOGITS = [
  [6.35, 0.82, 0.33],
  [4.7, 0.91, 0.45],
  [5.46, 0.58, 0.36],
  [6.29, 0.03, 0.55],
  [5.26, -0.16, -0.48],
  [6.6, 0.04, -0.29],
  [-0.78, 5.74, 0.01],
  [-0.28, 7.29, 1.01],
  [-2.71, 4.11, -0.17],
  [-0.42, 6.21, 0.22],
  [2.12, 4.89, -0.38],
  [2.04, 6.65, 0.66],
  [-0.51, -1.65, 6.17],
  [0.11, -1.23, 5.32],
  [-0.07, -0.94, 5.9],
  [0.1, 0.04, 5.49],
  [0.59, 0.89, 6.32],
  [-0.82, 0.73, 5.5],
];

const rows = LOGITS.map((logits, row) => ({ logits, label: Math.floor(row / 6) }));

it('revises the logits by Weibull tails of the distances to the class means', async () => {
  const { score, remarks } = await openmax.fit(sourceOf(rows));
  // numpy and scipy: weibull_min.fit(d - d.min() + 1, floc=0) for each class; w = cdf(norm(f - mu) - d.min() + 1) (3 - rank) / 3;
  // logsumexp(f (1 - w)) - sum f w
  expect(score(seen([4, 1.5, -2]))).toBeCloseTo(-3.2643827662435436, 3);
  expect(remarks).toEqual(['the tail of a class has only 6 distances, of the 20 that are usual']);
});

it('leaves out images that are classified wrongly, and refuses a class with too few others', async () => {
  const wrong = { logits: [100, 0, 0], label: 2 };
  const { score } = await openmax.fit(sourceOf([wrong, ...rows]));
  expect(score(seen([4, 1.5, -2]))).toBeCloseTo(-3.2643827662435436, 3);
  await expect(openmax.fit(sourceOf([...rows.slice(0, 14), wrong]))).rejects.toThrow(
    'needs 3 images of every class, and 1 of 3 have fewer (kind 2)',
  );
  await expect(openmax.fit(sourceOf(rows.map(({ label }) => ({ logits: LOGITS[6 * label]!, label }))))).rejects.toThrow(
    'distances of class kind 0 to its mean are all equal',
  );
});
