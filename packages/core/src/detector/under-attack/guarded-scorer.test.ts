import { describe, expect, it } from 'vitest';
import type { FloatImages } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { randomLinearModel } from '../../testing/linear-model.ts';
import { guardedScorer } from './guarded-scorer.ts';

const SHAPE = { channels: 1, height: 3, width: 3 } as const;
const ORIGIN = [0.5];

/** Three classes and a score. */
function scored() {
  return randomLinearModel(Random.stream(11), 4, SHAPE);
}

function images(count: number): FloatImages {
  const random = Random.stream(12);
  return { ...SHAPE, count, data: Float32Array.from({ length: count * 9 }, () => 0.1 + 0.8 * random.uniform()) };
}

/** log(p_k a) by the definition, in double precision. */
function definition(logits: readonly number[], k: number, threshold: number, scale: number): number {
  const classes = logits.slice(0, -1);
  const score = logits.at(-1)!;
  const log = classes[k]! - Math.log(classes.reduce((sum, z) => sum + Math.exp(z), 0));
  return log + (score >= threshold ? 0 : Math.log(0.5) + (score - threshold) / scale);
}

describe('a classifier behind a detector', () => {
  it('keeps the confidence of what is accepted, and less than half of what is refused', async () => {
    const model = scored();
    const bytes = { ...SHAPE, count: 6, data: Uint8Array.from({ length: 54 }, (_, i) => (i * 37) % 256) };
    const { data } = await model.logits(bytes);
    const rows = Array.from({ length: 6 }, (_, row) => [...data.subarray(row * 4, row * 4 + 4)]);
    const threshold = rows.map((row) => row[3]!).sort((a, b) => a - b)[3]!;
    const scores = await guardedScorer(model, { threshold, scale: 2 }, ORIGIN).predict(bytes);
    expect(scores.numClasses).toBe(3);
    let refused = 0;
    rows.forEach((row, image) => {
      for (let k = 0; k < 3; k++) {
        expect(scores.data[image * 3 + k]).toBeCloseTo(Math.exp(definition(row, k, threshold, 2)), 6);
        if (row[3]! < threshold) expect(scores.data[image * 3 + k]).toBeLessThan(0.5);
      }
      if (row[3]! < threshold) refused++;
    });
    expect(refused).toBe(3);
  });

  it.each([
    ['accepts', -1e3],
    ['refuses', 1e3],
  ])('has the gradient of finite differences where it %s', async (_, threshold) => {
    const model = scored();
    const guarded = guardedScorer(model, { threshold, scale: 0.7 }, ORIGIN);
    const some = images(2);
    const classIndices = Int32Array.of(2, 0);
    const { value, gradient } = await guarded.gradient(some, { kind: 'log-confidence', classIndices });
    const at = async (data: Float32Array, row: number): Promise<number> => {
      const logits = (await model.logits({ ...some, data })).data.subarray(row * 4, row * 4 + 4);
      return definition([...logits], classIndices[row]!, threshold, 0.7);
    };
    for (let row = 0; row < 2; row++) {
      expect(Math.abs(value[row]! - (await at(some.data, row)))).toBeLessThan(1e-3);
      for (let i = 0; i < 9; i++) {
        const [up, down] = [some.data.slice(), some.data.slice()];
        up[row * 9 + i]! += 1 / 64;
        down[row * 9 + i]! -= 1 / 64;
        const slope = 32 * ((await at(up, row)) - (await at(down, row)));
        expect(Math.abs(slope - gradient[row * 9 + i]!)).toBeLessThan(0.02 * Math.max(1, Math.abs(slope)));
      }
    }
  });

  it('refuses settings that say nothing, and objectives that it has no gradient of', async () => {
    expect(() => guardedScorer(scored(), { threshold: 0, scale: 0 }, ORIGIN)).toThrow('a scale above 0');
    const guarded = guardedScorer(scored(), { threshold: 0, scale: 1 }, ORIGIN);
    const asked = guarded.gradient(images(1), { kind: 'margin', classIndices: Int32Array.of(0) });
    await expect(asked).rejects.toThrow('no gradient of the objective margin');
  });
});
