import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { greyAtDistances } from '../../testing/linear-model.ts';
import { cosineWaves, lowFrequencyNoise, valuesOf } from '../numerics/dct.ts';
import { attackImages } from '../run.ts';
import { cgba } from './cgba.ts';

const COMMON = { seed: 1, batch: 8, quantize: false } as const;

describe('CGBA on a linear model', () => {
  it.each([
    { name: 'CGBA', aim: {} },
    { name: 'CGBA-H', aim: { targets: Int32Array.of(1) } },
  ])('comes within 2 % of the plane: $name', async ({ aim }) => {
    // |f| / |w|_2 by Hoelder.
    for (const [seed, exact] of [0.05, 0.1, 0.25].entries()) {
      const { model, images, labels } = greyAtDistances(Random.stream(37, seed), 'l2', [exact]);
      const options = { ...COMMON, ...aim, settings: { steps: 40 } };
      const [result] = await attackImages(model, cgba, images, labels, options);
      expect(result!.decision).toBe(1);
      expect(result!.distances!.l2 / exact).toBeGreaterThan(1 - 1e-5);
      expect(result!.distances!.l2 / exact).toBeLessThan(1.02);
      expect(model.backward).toBe(0);
    }
  });

  it('asks no more than the label', async () => {
    const { model, images, labels } = greyAtDistances(Random.stream(36), 'l2', [0.1, 0.15]);
    const decided = new AlteredModel(model, ({ logits }) => {
      const top = logits.indexOf(Math.max(...logits));
      logits.fill(0);
      logits[top] = 1;
    });
    const options = { ...COMMON, settings: { steps: 3 } };
    const [seen] = await attackImages(model, cgba, images, labels, options);
    const [blind] = await attackImages(decided, cgba, images, labels, options);
    expect(blind!.image).toEqual(seen!.image);
  });
});

describe('noise of low frequencies', () => {
  const shape = { channels: 3, height: 6, width: 9 } as const;
  /** The share of each wave, which are orthonormal. */
  const shares = (noise: Float32Array) =>
    cosineWaves(shape).map((wave) => ({
      wave,
      share: valuesOf(wave, shape).reduce((sum, value, i) => sum + value * noise[wave.channel * 54 + i]!, 0),
    }));

  it('has nothing of the others', () => {
    for (const { wave, share } of shares(lowFrequencyNoise(Random.stream(38), shape, 3))) {
      if (wave.down >= 3 || wave.across >= 3) expect(Math.abs(share)).toBeLessThan(1e-5);
      else expect(Math.abs(share)).toBeGreaterThan(1e-5);
    }
  });

  it('is normal with deviation 1 in those that it has', () => {
    const random = Random.stream(39);
    for (const [frequencies, all] of [
      [3, 27],
      [100, 162],
    ] as const) {
      let squares = 0;
      for (let draw = 0; draw < 200; draw++) {
        for (const { share } of shares(lowFrequencyNoise(random, shape, frequencies))) squares += share * share;
      }
      // The mean of 200 x all squares has a deviation of sqrt(2 / (200 all)): 1.9 % and .8 %.
      expect(squares / (200 * all)).toBeGreaterThan(0.9);
      expect(squares / (200 * all)).toBeLessThan(1.1);
    }
  });
});
