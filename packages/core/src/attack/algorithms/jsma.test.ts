import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { attackImages } from '../run.ts';
import { jsma } from './jsma.ts';

/** Equation 8 and algorithm 3 as they stand: all pairs, one after the other. */
function bestOfAllPairs(
  aim: readonly number[],
  rest: readonly number[],
  used: ReadonlySet<number>,
): [number, number] | undefined {
  let best: [number, number] | undefined;
  let most = 0;
  for (let p = 0; p < aim.length; p++) {
    for (let q = p + 1; q < aim.length; q++) {
      if (used.has(p) || used.has(q)) continue;
      const [alpha, beta] = [aim[p]! + aim[q]!, rest[p]! + rest[q]!];
      if (alpha > 0 && beta < 0 && -alpha * beta > most) {
        most = -alpha * beta;
        best = [p, q];
      }
    }
  }
  return best;
}

describe('JSMA on a linear model', () => {
  it.each([1, 2, 3, 4, 5, 6])('moves the pairs that a search over all pairs chooses (model %i)', async (seed) => {
    const model = randomLinearModel(Random.stream(70, seed), 4, { channels: 3, height: 5, width: 5 });
    const { images, labels } = await labelledGreys(model, Random.stream(71, seed), 1);
    const label = labels[0]!;
    const target = (label + 1) % 4;
    const options = { targets: Int32Array.of(target), settings: { gamma: 1 }, seed: 1, batch: 1, quantize: false };
    const [result] = await attackImages(model, jsma, images, labels, options);
    expect(result!.decision).toBe(target);
    const image = images.data.slice();
    const used = new Set<number>();
    const aim = [...model.weights[target]!];
    const rest = aim.map((_, i) => model.weights.reduce((sum, row, k) => sum + (k === target ? 0 : row[i]!), 0));
    while (used.size < result!.distances!.l0) {
      for (const i of bestOfAllPairs(aim, rest, used)!) {
        used.add(i);
        image[i] = 1;
      }
    }
    expect(result!.image).toEqual(image);
  });

  it('darkens where theta is negative, and changes no more than the share gamma', async () => {
    const model = randomLinearModel(Random.stream(72), 4);
    const { images, labels } = await labelledGreys(model, Random.stream(73), 4);
    const options = { settings: { theta: -1, gamma: 0.5 }, seed: 1, batch: 4, quantize: false };
    const results = await attackImages(model, jsma, images, labels, options);
    expect(results.some(({ success }) => success)).toBe(true);
    for (const { index, image, distances } of results) {
      if (image === undefined) continue;
      expect(distances!.l0).toBeLessThanOrEqual(15);
      image.forEach((pixel, i) => {
        const original = images.data[index * image.length + i]!;
        expect(pixel === original || pixel === 0).toBe(true);
      });
    }
  });
});
