import { expect, it } from 'vitest';
import { sourceOf } from '../testing/fit-source.ts';
import { multilevelMahalanobis } from './multilevel-mahalanobis.ts';

const NONE = new Float32Array(0);
/** Of the first layer one number for each of three channels; of the second a mean and a root mean square of one. */
const LEVELS = [
  [1, 2, -1, 3, 3],
  [0.5, -1, 2, 2, 2.25],
  [-1.5, 0.25, 0.75, 1, 1.125],
  [2, 1, 0.5, 4, 3.75],
  [-0.75, -2, 1.25, 0, 0.75],
  [0, 0.5, -2.5, 2.5, 2.375],
];
const source = (rows: readonly number[][]) =>
  sourceOf(
    rows.map((levels) => ({ levels, logits: [0, 1] })),
    {
      levels: [
        { channels: 3, width: 3 },
        { channels: 1, width: 2 },
      ],
    },
  );

it('is minus the mean over layers of the distance to their Gaussians', async () => {
  const { score, readsLevels, parameters } = await multilevelMahalanobis.fit(source(LEVELS));
  expect(readsLevels).toBe(true);
  // numpy: ln (root + .001 of the mean root), numbers over their deviations, covariances shrunk by Ledoit and Wolf's share, distances over the root of 3 and of 2
  const seen = { logits: NONE, features: NONE, levels: Float32Array.of(1.5, -2, 3, -1, 2) };
  expect(score(seen)).toBeCloseTo(-1.9242380192535546, 6);
  expect(parameters).toEqual({ levels: 2, largestShrinkage: expect.closeTo(0.6499284578879114, 9) });
});

it('refuses one image, and images of which a layer takes in the same', async () => {
  await expect(multilevelMahalanobis.fit(source(LEVELS.slice(0, 1)))).rejects.toThrow('needs two images at least');
  const same = LEVELS.map((row) => [...row.slice(0, 3), 1, 2]);
  await expect(multilevelMahalanobis.fit(source(same))).rejects.toThrow('one of the layers takes in the same for all');
});
