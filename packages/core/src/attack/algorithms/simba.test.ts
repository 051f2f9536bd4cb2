import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { length } from '../norm.ts';
import { cosineWaves, valuesOf } from '../numerics/dct.ts';
import { attackImages } from '../run.ts';
import { lowFrequenciesFirst, simba, simbaDct } from './simba.ts';

const COMMON = { seed: 1, batch: 8, quantize: false } as const;

describe('SimBA between two classes of a linear model', () => {
  it('moves values by one step up their weights until that is enough, if all together are', async () => {
    const model = randomLinearModel(Random.stream(31), 2);
    const { images, labels } = await labelledGreys(model, Random.stream(32), 6);
    const size = images.data.length / images.count;
    const run = async (step: number) => {
      const results = await attackImages(model, simba, images, labels, { ...COMMON, settings: { step } });
      return results.map((result) => ({ ...result, step }));
    };
    const results = [...(await run(0.05)), ...(await run(0.15))];
    expect(new Set(results.map(({ success }) => success)).size).toBe(2);
    for (const { index, label, image, distances, queries, success, step } of results) {
      const original = images.data.subarray(index * size, (index + 1) * size);
      const { weights, value } = model.difference(original, 1 - label, label);
      expect(success).toBe(step * length(weights, 'l1') > -value);
      if (!success) continue;
      let gain = 0;
      const gains: number[] = [];
      image!.forEach((pixel, i) => {
        const move = pixel - original[i]!;
        if (move === 0) return;
        expect(move).toBeCloseTo(step * Math.sign(weights[i]!), 6);
        gains.push(step * Math.abs(weights[i]!));
        gain += step * Math.abs(weights[i]!);
      });
      expect(gain).toBeGreaterThan(-value);
      expect(gain - Math.max(...gains)).toBeLessThan(-value);
      expect(distances!.l2).toBeCloseTo(step * Math.sqrt(gains.length), 5);
      // The original; then one query for each value, two where the first was downhill.
      expect(queries.forward).toBeGreaterThan(gains.length);
      expect(queries.forward).toBeLessThanOrEqual(1 + 2 * size);
    }
  });

  it('moves along cosine waves by one step each', async () => {
    const model = randomLinearModel(Random.stream(33), 2);
    const { images, labels } = await labelledGreys(model, Random.stream(34), 4);
    const size = images.data.length / images.count;
    const waves = cosineWaves(images).map((wave) => valuesOf(wave, images));
    const step = 0.1;
    const results = await attackImages(model, simbaDct, images, labels, { ...COMMON, settings: { step } });
    for (const { index, label, image } of results) {
      const original = images.data.subarray(index * size, (index + 1) * size);
      const { weights } = model.difference(original, 1 - label, label);
      for (const wave of waves) {
        const part = wave.reduce((sum, value, i) => sum + value * (image![i]! - original[i]!), 0);
        const slope = wave.reduce((sum, value, i) => sum + value * weights[i]!, 0);
        const moved = Math.abs(part) > 1e-5;
        expect(part).toBeCloseTo(moved ? step * Math.sign(slope) : 0, 5);
      }
    }
  });

  it('asks only once about a value at the end of the box', async () => {
    const model = randomLinearModel(Random.stream(35), 2);
    const { images } = await labelledGreys(model, Random.stream(36), 1);
    const black = { ...images, data: new Float32Array(images.data.length) };
    const { data } = await model.logits(black);
    const label = data[0]! > data[1]! ? 0 : 1;
    const [result] = await attackImages(model, simba, black, Int32Array.of(label), {
      ...COMMON,
      // Too small a step to get anywhere.
      settings: { step: 1e-5 },
    });
    expect(result!.success).toBe(false);
    expect(result!.queries.forward).toBe(1 + black.data.length);
  });
});

describe('the order of the waves', () => {
  it('is random among the lowest frequencies, then goes outwards', () => {
    const shape = { channels: 1, height: 8, width: 8 } as const;
    const order = lowFrequenciesFirst(shape, 1 / 4, Random.stream(9));
    const ring = order.map(({ down, across }) => Math.max(down, across));
    expect(new Set(order.map(({ down, across }) => 8 * down + across)).size).toBe(64);
    // A quarter of the frequencies of either axis are 0 and 1; each further one is a band of its own.
    expect(ring.slice(0, 4).every((frequency) => frequency < 2)).toBe(true);
    expect(ring.slice(4)).toEqual(ring.slice(4).sort((a, b) => a - b));
    expect(order).not.toEqual(lowFrequenciesFirst(shape, 1 / 4, Random.stream(10)));
  });
});
