import { expect, it } from 'vitest';
import { EIGHT, sourceOf, UNKNOWN } from '../testing/fit-source.ts';
import { vim } from './vim.ts';

it('is the energy less alpha times the residual outside of the principal subspace', async () => {
  const { score, parameters } = await vim.fit(EIGHT);
  // numpy: o = -pinv(W) b; R = the eigenvectors of the two smallest eigenvalues of (Z - o)^T (Z - o) / 8
  expect(parameters.alpha).toBeCloseTo(1.9816944575406443, 5);
  expect(score(UNKNOWN)).toBeCloseTo(-0.5844850086809785, 5);
});

it('refuses features without a residual', async () => {
  const layer = { numClasses: 2, width: 2, weight: Float32Array.of(1, 0, 2, 0), bias: Float32Array.of(0, 0) };
  const rows = [1, 2, 3].map((z) => ({ features: [z, 0], logits: [z, 2 * z] }));
  await expect(vim.fit(sourceOf(rows, { layer }))).rejects.toThrow('lie within 1 dimensions of 2');
});
