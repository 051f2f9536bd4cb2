import { expect, it } from 'vitest';
import { EIGHT, UNKNOWN } from '../testing/fit-source.ts';
import { relativeMahalanobis } from './relative-mahalanobis.ts';

it('is the squared distance to the Gaussian of all less that to the nearest class', async () => {
  const { score } = await relativeMahalanobis.fit(EIGHT);
  // numpy: (z - mu) inv(cov(Z, bias=True)) (z - mu) - min_c (z - mu_c) inv(S) (z - mu_c)
  expect(score(UNKNOWN)).toBeCloseTo(0.6515107595181355, 4);
});
