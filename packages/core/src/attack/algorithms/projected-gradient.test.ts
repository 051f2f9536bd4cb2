import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { dual, length } from '../norm.ts';
import { attackImages } from '../run.ts';
import { bim, fgsm, mifgsm, pgd } from './projected-gradient.ts';

const COMMON = { seed: 1, batch: 8, quantize: false } as const;

describe.each([fgsm, bim, pgd, mifgsm])('$name on a linear model', (attack) => {
  it.each(['linf', 'l2', 'l1'] as const)('gains up to epsilon times the dual norm in %s and no more', async (norm) => {
    const model = randomLinearModel(Random.stream(1), 2);
    const { images, labels } = await labelledGreys(model, Random.stream(2), 6);
    const size = images.data.length / images.count;
    // Hoelder: |Z_other - Z_label| / |w|_q is the exact distance to the plane, while the box is far away.
    const exact = Array.from(labels, (label, row) => {
      const { value, weights } = model.difference(images.data.subarray(row * size, (row + 1) * size), 1 - label, label);
      return -value / length(weights, dual(norm));
    });
    for (const [row, distance] of exact.entries()) {
      const one = { ...images, count: 1, data: images.data.subarray(row * size, (row + 1) * size) };
      const results = await attackImages(model, attack, one, labels.subarray(row, row + 1), {
        ...COMMON,
        norm,
        epsilons: [0.97 * distance, 1.06 * distance],
      });
      expect(results.map(({ success }) => success)).toEqual([false, true]);
      expect(results[1]!.distances![norm]).toBeLessThanOrEqual(1.06 * distance + 1e-6);
    }
  });
});
