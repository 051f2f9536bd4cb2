import { expect, it } from 'vitest';
import { EIGHT, seen, UNKNOWN } from '../testing/fit-source.ts';
import { fdbd } from './fdbd.ts';

it('is the distance to the boundary over the distance to the mean of all features', async () => {
  const { score } = await fdbd.fit(EIGHT);
  // numpy: |f_0 - f_1| / norm(w_0 - w_1) / norm(z - Z.mean(0))
  expect(score(UNKNOWN)).toBeCloseTo(0.8259747778755098, 5);
  expect(score(seen([1, 1], [5, 5, 5]))).toBe(0);
});
