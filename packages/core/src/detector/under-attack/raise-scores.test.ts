import { describe, expect, it } from 'vitest';
import type { Images } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { randomLinearModel } from '../../testing/linear-model.ts';
import { raiseScores } from './raise-scores.ts';

const SHAPE = { channels: 1, height: 4, width: 4 } as const;
const SCORE = 3;

function outliersOf(count: number, random: Random): Images {
  return { ...SHAPE, count, data: Uint8Array.from({ length: count * 16 }, () => random.integer(256)) };
}

/** The largest score of a linear function in a ball of whole levels: each pixel at its end. */
function largest(weights: Float32Array, bias: number, image: Uint8Array, levels: number): number {
  return image.reduce((sum, level, i) => {
    const end = weights[i]! > 0 ? Math.min(255, level + levels) : Math.max(0, level - levels);
    return sum + (weights[i]! * end) / 255;
  }, bias);
}

describe('outliers that are moved', () => {
  it('reach the largest score there is in the ball of a linear detector, in 8 bits', async () => {
    const random = Random.stream(5);
    const model = randomLinearModel(random, 4, SHAPE);
    const outliers = outliersOf(7, random);
    // 0.1 is 25.5 levels: 25 are inside.
    const raised = await raiseScores(model, SCORE, outliers, { epsilon: 0.1, steps: 20, seed: 1 });
    for (let row = 0; row < outliers.count; row++) {
      const image = outliers.data.subarray(row * 16, row * 16 + 16);
      const weights = model.weights[SCORE]!;
      expect(raised.scores[row]).toBeCloseTo(largest(weights, model.bias[SCORE]!, image, 25), 4);
      expect(raised.before[row]).toBeCloseTo(largest(weights, model.bias[SCORE]!, image, 0), 4);
      const moved = raised.images.data.subarray(row * 16, row * 16 + 16);
      expect(Math.max(...moved.map((level, i) => Math.abs(level - image[i]!)))).toBeLessThanOrEqual(25);
    }
    expect(raised.unsound).toBe(0);
  });

  it('never score less than they did, and take over what another search found inside of the ball', async () => {
    const random = Random.stream(6);
    const model = randomLinearModel(random, 4, SHAPE);
    const outliers = outliersOf(2, random);
    const { images } = await raiseScores(model, SCORE, outliers, { epsilon: 8 / 255, steps: 30, seed: 1 });
    const blind = {
      shape: model.shape,
      numClasses: model.numClasses,
      logits: (of: Parameters<typeof model.logits>[0]) => model.logits(of),
      // A detector whose gradient says nothing.
      gradient: async (...asked: Parameters<typeof model.gradient>) => {
        const answer = await model.gradient(...asked);
        return { ...answer, gradient: answer.gradient.map(() => 0) };
      },
    };
    const alone = await raiseScores(blind, SCORE, outliers, { epsilon: 8 / 255, steps: 2, seed: 1 });
    const helped = await raiseScores(blind, SCORE, outliers, { epsilon: 8 / 255, steps: 2, seed: 1, others: [images] });
    const outside = await raiseScores(blind, SCORE, outliers, {
      epsilon: 4 / 255,
      steps: 2,
      seed: 1,
      others: [images],
    });
    for (let row = 0; row < outliers.count; row++) {
      const image = outliers.data.subarray(row * 16, row * 16 + 16);
      expect(alone.scores[row]).toBeGreaterThanOrEqual(alone.before[row]!);
      expect(helped.scores[row]).toBeCloseTo(largest(model.weights[SCORE]!, model.bias[SCORE]!, image, 8), 4);
      expect(outside.scores[row]).toBeLessThan(helped.scores[row]!);
    }
  });

  it('are the same with another batch, and another with another seed where there is chance', async () => {
    const random = Random.stream(7);
    const model = randomLinearModel(random, 4, SHAPE);
    const outliers = outliersOf(5, random);
    const run = (batch: number) => raiseScores(model, SCORE, outliers, { epsilon: 0.05, steps: 5, seed: 3, batch });
    const [one, other] = [await run(2), await run(32)];
    expect(other.images.data).toEqual(one.images.data);
    expect(other.scores).toEqual(one.scores);
  });

  it('refuses a ball without another 8-bit image', async () => {
    const random = Random.stream(8);
    const model = randomLinearModel(random, 4, SHAPE);
    const run = raiseScores(model, SCORE, outliersOf(1, random), { epsilon: 0.003, seed: 1 });
    await expect(run).rejects.toThrow('A ball of 0.003 holds no other 8-bit image; give at least 1/255');
  });
});
