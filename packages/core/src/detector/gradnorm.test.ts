import { expect, it } from 'vitest';
import { EIGHT, seen, UNKNOWN } from '../testing/fit-source.ts';
import { gradnorm } from './gradnorm.ts';

it('GradNorm is the 1-norm of the features by that of what the softmax lacks of equality', async () => {
  const { score } = await gradnorm.fit(EIGHT);
  expect(score(seen([3, 3], [1, -2, 4]))).toBeCloseTo(0, 12);
  expect(score(seen([0, Math.log(3)], [1, -2, 4]))).toBeCloseTo(7 * 0.5, 6);
  // numpy: abs(z).sum() * abs(1/2 - softmax(W z + b)).sum()
  expect(score(UNKNOWN)).toBeCloseTo(3.7471501161393603, 5);
});
