import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { attackImages } from '../run.ts';
import { fmn } from './fmn.ts';
import { pdpgd } from './pdpgd.ts';
import { sigmaZero } from './sigma-zero.ts';

/** How many values have to go to the end of the box, those with the largest gain first, for a linear margin to be positive. */
function fewest(image: Float32Array, { value, weights }: { value: number; weights: Float32Array }): number {
  const gains = Array.from(weights, (weight, i) => Math.max(weight * (1 - image[i]!), -weight * image[i]!));
  let [margin, count] = [value, 0];
  for (const gain of gains.sort((a, b) => b - a)) {
    if (margin > 0) return count;
    margin += gain;
    count++;
  }
  return count;
}

describe.each([{ attack: sigmaZero }, { attack: fmn }, { attack: pdpgd }])(
  '$attack.name in L0 on a linear model of two classes',
  ({ attack }) => {
    it('changes the fewest values that do, or one more', async () => {
      let [exact, ours] = [0, 0];
      for (let seed = 0; seed < 3; seed++) {
        const model = randomLinearModel(Random.stream(80, seed), 2, { channels: 3, height: 5, width: 6 });
        const { images, labels } = await labelledGreys(model, Random.stream(81, seed), 3);
        for (const targets of [undefined, labels.map((label) => 1 - label)]) {
          const options = {
            norm: 'l0',
            ...(targets === undefined ? {} : { targets }),
            seed: 1,
            batch: 4,
            quantize: false,
          } as const;
          const results = await attackImages(model, attack, images, labels, options);
          for (const { index, label, success, distances } of results) {
            const image = images.data.subarray(index * 90, (index + 1) * 90);
            const least = fewest(image, model.difference(image, 1 - label, label));
            expect(success).toBe(true);
            expect(distances!.l0).toBeGreaterThanOrEqual(least);
            expect(distances!.l0).toBeLessThanOrEqual(least + 1);
            exact += least;
            ours += distances!.l0;
          }
        }
      }
      // Images that are next to the plane say nothing.
      expect(exact).toBeGreaterThan(18);
      expect(ours).toBeGreaterThanOrEqual(exact);
    });
  },
);
