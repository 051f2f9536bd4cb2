import { writeModel } from '@pareidolia/autodiff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Images, sliceImages, toFloat } from '../image/images.ts';
import { mlp } from '../network/mlp.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import type { Classifier } from './classifier.ts';
import type { Objective } from './objective.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import { cropAll, tenCrops } from './ten-crops.ts';

/** An image whose values say where they are. */
function ramp(height: number, width: number, channels: 1 | 3): Images {
  const data = Uint8Array.from({ length: channels * height * width }, (_, i) => i % 251);
  return { channels, height, width, count: 1, data };
}

it('crops are the corners and the middle, and the same mirrored', () => {
  const image = ramp(4, 4, 1);
  const crops = cropAll(image, { channels: 1, height: 2, width: 2 });
  const crop = (place: number): number[] => [...crops.data.subarray(4 * place, 4 * place + 4)];
  expect([0, 1, 2, 3, 4].map(crop)).toEqual([
    [0, 1, 4, 5],
    [2, 3, 6, 7],
    [8, 9, 12, 13],
    [10, 11, 14, 15],
    [5, 6, 9, 10],
  ]);
  expect([5, 9].map(crop)).toEqual([
    [1, 0, 5, 4],
    [6, 5, 10, 9],
  ]);
});

describe('a classifier over ten crops', () => {
  const small = { channels: 3, height: 7, width: 7 } as const;
  let network: OnnxClassifier;
  let classifier: Classifier;
  /** Two images, a seventh larger. */
  const two: Images = { channels: 3, height: 8, width: 8, count: 2, data: new Uint8Array(384) };
  const random = Random.stream(4);
  for (let i = 0; i < two.data.length; i++) two.data[i] = random.integer(256);

  beforeAll(async () => {
    const model = mlp(small, [20], 5, 3);
    // Far from uniform, so that the crops differ in what they say.
    const weights = model.graph.initializers.get('logits.weight')!.data as Float32Array;
    for (let i = 0; i < weights.length; i++) weights[i]! *= 8;
    network = await OnnxClassifier.load(writeModel(model), {
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'mlp',
    });
    classifier = tenCrops(network);
  });
  afterAll(() => network.dispose());

  it('predicts the means of ten single predictions', async () => {
    expect(classifier.shape).toEqual({ channels: 3, height: 8, width: 8 });
    const { data } = await classifier.predict(two);
    for (const index of [0, 1]) {
      const crops = cropAll(sliceImages(two, index, index + 1), small);
      const means = new Float64Array(5);
      for (let crop = 0; crop < 10; crop++) {
        const single = await network.predict(sliceImages(crops, crop, crop + 1));
        single.data.forEach((p, k) => {
          means[k]! += p / 10;
        });
      }
      means.forEach((mean, k) => {
        expect(data[5 * index + k]).toBeCloseTo(mean, 6);
      });
    }
  });

  it('has the logarithms of what it predicts for logits, of bytes as of floats', async () => {
    const { data } = await classifier.predict(two);
    for (const images of [two, toFloat(two)]) {
      const logits = await classifier.logits(images);
      logits.data.forEach((logit, i) => {
        expect(logit).toBeCloseTo(Math.log(data[i]!), 4);
      });
    }
  });

  const classIndices = Int32Array.of(1, 4);
  const objectives: readonly Objective[] = [
    { kind: 'log-probability', classIndices },
    { kind: 'margin', classIndices },
    { kind: 'dlr', classIndices },
    { kind: 'targeted-dlr', classIndices, targets: Int32Array.of(0, 2) },
    { kind: 'linear', weights: Float32Array.from({ length: 10 }, (_, i) => Math.cos(i)) },
  ];

  it.each(objectives)('has the gradient of $kind that differences of the objective say', async (objective) => {
    const images = toFloat(two);
    const { value, gradient, logits } = await classifier.gradient(images, objective);
    expect(logits).toEqual((await classifier.logits(images)).data);
    const valueAt = async (data: Float32Array): Promise<Float32Array> =>
      (await classifier.gradient({ ...images, data }, objective)).value;
    const step = 2 ** -9;
    for (const pixel of [0, 9, 63, 64, 100, 191]) {
      const [up, down] = [1, -1].map((sign) => {
        const data = images.data.slice();
        data[pixel]! += sign * step;
        data[192 + pixel]! += sign * step;
        return data;
      });
      const [above, below] = [await valueAt(up!), await valueAt(down!)];
      for (const row of [0, 1]) {
        const slope = (above[row]! - below[row]!) / (2 * step);
        expect(Math.abs(slope - gradient[192 * row + pixel]!)).toBeLessThan(0.003 * (1 + Math.abs(slope)));
      }
    }
    expect(value.every(Number.isFinite)).toBe(true);
  });

  it('shows no features, since each crop has its own', () => {
    expect(network.features).toBeDefined();
    expect(classifier.features).toBeUndefined();
  });
});
