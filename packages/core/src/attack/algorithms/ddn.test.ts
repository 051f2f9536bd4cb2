import { expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { attackImages } from '../run.ts';
import { ddn } from './ddn.ts';

it.each([true, false])('asks about 8-bit images only where no others count (%s)', async (quantize) => {
  const model = randomLinearModel(Random.stream(81));
  const { images, labels } = await labelledGreys(model, Random.stream(82), 2);
  let [whole, others] = [0, 0];
  const watched = new AlteredModel(model, ({ image, gradient }) => {
    if (gradient.length === 0 || image instanceof Uint8Array) return;
    if (image.every((pixel) => Math.abs(pixel * 255 - Math.round(pixel * 255)) < 1e-4)) whole++;
    else others++;
  });
  const settings = { steps: 20 };
  const results = await attackImages(watched, ddn, images, labels, { seed: 1, batch: 2, quantize, settings });
  expect(results.every(({ success }) => success)).toBe(true);
  // The original, which both begin at, is of whole levels.
  if (quantize) expect([whole > 2, others]).toEqual([true, 0]);
  else expect([whole, others > 2]).toEqual([2, true]);
});
