import { expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { length } from '../norm.ts';
import { attackImages } from '../run.ts';
import { cw } from './carlini-wagner.ts';

it.each([false, true])(
  'a confidence of 2 is the margin of what is kept, at the distance of that plane (8 bits: %s)',
  async (quantize) => {
    const model = randomLinearModel(Random.stream(81), 2);
    const { images, labels } = await labelledGreys(model, Random.stream(82), 4);
    const size = images.data.length / images.count;
    const settings = { confidence: 2, rate: 0.002, steps: 500 };
    for (const { index, label, image } of await attackImages(model, cw, images, labels, {
      settings,
      seed: 1,
      batch: 4,
      quantize,
    })) {
      const original = images.data.subarray(index * size, (index + 1) * size);
      const { value, weights } = model.difference(original, 1 - label, label);
      const exact = (2 - value) / length(weights, 'l2');
      const distance = Math.hypot(...image!.map((pixel, i) => pixel - original[i]!));
      expect(model.difference(image!, 1 - label, label).value).toBeGreaterThan(2 - 1e-4);
      expect(distance / exact).toBeLessThan(1.05);
    }
  },
);
