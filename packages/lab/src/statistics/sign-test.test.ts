import { expect, it } from 'vitest';
import { signTest } from './sign-test.ts';

// By hand: sums of binomial coefficients over 2^n.
it.each([
  [0, 0, 1],
  [1, 0, 1],
  [5, 0, 2 / 32],
  [6, 0, 2 / 64],
  [0, 6, 2 / 64],
  [9, 1, (2 * (10 + 1)) / 1024],
  [3, 3, 1],
])('%d pairs one way and %d the other have the probability %d', (more, less, probability) => {
  expect(signTest(more, less)).toBeCloseTo(probability, 12);
});
