import { expect, it } from 'vitest';
import { seen, sourceOf } from '../testing/fit-source.ts';
import { knn } from './knn.ts';

/** Directions at whole degrees. */
const at = (degrees: number): number[] => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];

it('is minus the distance to the 50th neighbour on the sphere, whatever the lengths are', async () => {
  const rows = Array.from({ length: 80 }, (_, i) => ({ features: at(i).map((z) => (1 + i) * z), logits: [0, 0] }));
  const { score, remarks } = await knn.fit(sourceOf(rows));
  // From 0 degrees the 50th is at 49, the chord of which is 2 sin(49 / 2).
  expect(score(seen([0, 0], [7, 0]))).toBeCloseTo(-2 * Math.sin((24.5 * Math.PI) / 180), 6);
  // From the middle of 80 to both sides: 40 and 39 are one degree, ... 15 and 64 are 25 degrees away.
  expect(score(seen([0, 0], at(40)))).toBeCloseTo(-2 * Math.sin((12.5 * Math.PI) / 180), 6);
  expect(remarks).toEqual(['the features of all 80 images are stored in the file']);
});

it('refuses fewer images than neighbours', async () => {
  await expect(knn.fit(sourceOf([{ features: [1, 0], logits: [0, 0] }]))).rejects.toThrow(
    'knn needs 50 images to find the 50th neighbour among, and there are 1',
  );
});
