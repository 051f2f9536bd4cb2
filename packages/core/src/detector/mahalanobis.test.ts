import { expect, it } from 'vitest';
import { EIGHT, seen, sourceOf, UNKNOWN } from '../testing/fit-source.ts';
import { mahalanobis } from './mahalanobis.ts';

it('is minus the squared distance to the nearest class mean, in units of the covariance within classes', async () => {
  const { score, remarks } = await mahalanobis.fit(EIGHT);
  // numpy: -min_c (z - mu_c) inv(S) (z - mu_c), S the scatter about the class means over all 8
  expect(score(UNKNOWN)).toBeCloseTo(-27.608172728065323, 3);
  expect(remarks).toEqual([]);
});

it('shrinks a covariance that is singular, and says by how much', async () => {
  const flat = [0, 1, 2, 3].map((i) => ({
    features: [i % 2, 1],
    logits: [i < 2 ? 1 : 0, i < 2 ? 0 : 1],
    label: i < 2 ? 0 : 1,
  }));
  const { score, remarks, parameters } = await mahalanobis.fit(sourceOf(flat));
  // Variances 1/4 and 0, mean 1/8: (1 - s) / 4 + s / 8 = 10^5 s / 8.
  expect(parameters.shrinkage).toBeCloseTo(0.25 / (0.125 * (1e5 - 1)) / (1 + 0.25 / (0.125 * (1e5 - 1))), 12);
  expect(remarks[0]).toMatch(/singular.*share 0\.0000200 of it/);
  expect(score(seen([0, 0], [0.5, 1]))).toBeCloseTo(0, 9);
  expect(score(seen([0, 0], [0.5, 2]))).toBeLessThan(-1e4);
});

it('refuses a class without images, and images that are all the same', async () => {
  const one = { features: [1, 2], logits: [1, 0], label: 0 };
  await expect(mahalanobis.fit(sourceOf([one, one, one]))).rejects.toThrow(
    'mahalanobis needs an image of every class, and 1 of 2 have fewer (kind 1); add some',
  );
  const same = [0, 0, 1, 1].map((label) => ({ ...one, label }));
  await expect(mahalanobis.fit(sourceOf(same))).rejects.toThrow('they have no covariance');
  await expect(mahalanobis.fit(sourceOf(same.slice(1, 3)))).rejects.toThrow('needs more images than classes');
});
