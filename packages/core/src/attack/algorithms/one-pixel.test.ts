import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { LinearModel } from '../../testing/linear-model.ts';
import { attackImages } from '../run.ts';
import { onePixel } from './one-pixel.ts';

const COMMON = { seed: 1, batch: 8, quantize: false } as const;
const SHAPE = { channels: 3, height: 6, width: 5 } as const;
const SIZE = 90;

/** Two classes; at grey the first leads by 1, and only some values can change that. */
function modelOf(heavy: Readonly<Record<number, number>>): LinearModel {
  const weights = Float32Array.from({ length: SIZE }, (_, i) => heavy[i] ?? 0);
  const middle = 0.5 * weights.reduce((sum, value) => sum + value, 0);
  return new LinearModel(SHAPE, [new Float32Array(SIZE), weights], [1, -middle]);
}

const grey = { ...SHAPE, count: 1, data: new Float32Array(SIZE).fill(0.5) };
const labels = Int32Array.of(0);
const settings = { population: 60, generations: 30 };

describe('one-pixel', () => {
  it.each([
    { aim: {}, how: 'untargeted' },
    { aim: { targets: Int32Array.of(1) }, how: 'targeted' },
  ])('finds the one pixel whose color changes the decision, $how', async ({ aim }) => {
    // Row 4, column 3: each channel alone moves the margin by .8 at most, two by more than 1.
    const place = 4 * 5 + 3;
    const model = modelOf({ [place]: 1.6, [30 + place]: -1.6 });
    const [result] = await attackImages(model, onePixel, grey, labels, { ...COMMON, ...aim, settings });
    expect(result!.success).toBe(true);
    const changed = [...result!.image!.keys()].filter((i) => result!.image![i] !== 0.5);
    expect(changed.length).toBeLessThanOrEqual(3);
    expect(changed).toEqual(expect.arrayContaining([place, 30 + place]));
    expect(changed.every((i) => i % 30 === place)).toBe(true);
  });

  it('changes as many pixels as it may and no more', async () => {
    // Each of two pixels gives .8 of the 1 that is missing.
    const model = modelOf({ 7: 1.6, 22: 1.6 });
    const one = await attackImages(model, onePixel, grey, labels, { ...COMMON, settings });
    const two = await attackImages(model, onePixel, grey, labels, { ...COMMON, settings: { ...settings, pixels: 2 } });
    expect([one[0]!.success, two[0]!.success]).toEqual([false, true]);
    expect(two[0]!.distances!.l0).toBeLessThanOrEqual(6);
    // The original, the first population, and one for each generation.
    expect(one[0]!.queries.forward).toBe(1 + 60 * 31);
  });

  it.each([0, 1.5])('refuses %d pixels', async (pixels) => {
    const attacked = attackImages(modelOf({}), onePixel, grey, labels, { ...COMMON, settings: { pixels } });
    await expect(attacked).rejects.toThrow(InputError);
  });
});
