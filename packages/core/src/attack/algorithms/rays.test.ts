import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { greyAtDistances, LinearModel } from '../../testing/linear-model.ts';
import { attackImages } from '../run.ts';
import { rays } from './rays.ts';

const COMMON = { seed: 1, batch: 8, quantize: false } as const;

describe('RayS', () => {
  it.each([0.02, 0.05, 0.1])('finds the signs of the weights of a linear model: a distance of %d', async (exact) => {
    // |f| / |w|_1 by Hoelder, along sign(w).
    const { model, images, labels } = greyAtDistances(Random.stream(36), 'linf', [exact]);
    const [result] = await attackImages(model, rays, images, labels, COMMON);
    expect(result!.distances!.linf / exact).toBeGreaterThan(1 - 1e-5);
    // The tolerance is .001 in L2, of thirty values.
    expect(result!.distances!.linf).toBeLessThan(exact + 2e-4);
  });

  it('asks no more than the label', async () => {
    const { model, images, labels } = greyAtDistances(Random.stream(36), 'linf', [0.1, 0.15]);
    const decided = new AlteredModel(model, ({ logits }) => {
      const top = logits.indexOf(Math.max(...logits));
      logits.fill(0);
      logits[top] = 1;
    });
    const [seen] = await attackImages(model, rays, images, labels, COMMON);
    const [blind] = await attackImages(decided, rays, images, labels, COMMON);
    expect(blind!.image).toEqual(seen!.image);
    expect(model.backward).toBe(0);
  });

  it('asks once about a block that does not help, and ends where no single value does', async () => {
    // Class 1 where the sum of four values of grey falls by .4: all down, by .1, is the nearest, and the first that is tried.
    const shape = { channels: 1, height: 2, width: 2 } as const;
    const model = new LinearModel(shape, [new Float32Array(4), new Float32Array(4).fill(-1)], [0, 1.6]);
    const images = { ...shape, count: 1, data: new Float32Array(4).fill(0.5) };
    const [result] = await attackImages(model, rays, images, Int32Array.of(0), COMMON);
    expect(result!.stop).toBe('found');
    expect(result!.distances!.linf).toBeCloseTo(0.1, 3);
    // The original, the whole block, halvings from 1 to .0005, then two halves and four quarters in vain.
    expect(result!.queries.forward).toBe(1 + 1 + 11 + 2 + 4);
  });

  it('ends without an image where no direction reaches one', async () => {
    const shape = { channels: 1, height: 2, width: 2 } as const;
    const model = new LinearModel(shape, [new Float32Array(4), new Float32Array(4)], [1, 0]);
    const images = { ...shape, count: 1, data: new Float32Array(4).fill(0.5) };
    const [result] = await attackImages(model, rays, images, Int32Array.of(0), COMMON);
    expect({ success: result!.success, stop: result!.stop }).toEqual({ success: false, stop: 'finished' });
    expect(result!.queries.forward).toBe(1 + 1 + 2 + 4);
  });
});
