import { expect, it } from 'vitest';
import { type Images, imageSize } from '../image/images.ts';
import type { Scorer } from './classifier.ts';
import { cropAll, tenCrops } from './crops.ts';

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

it('scores are the means of ten single predictions', async () => {
  // Scores by the first and the last value of an image.
  const network: Scorer = {
    shape: { channels: 3, height: 7, width: 7 },
    predict: async (images) => {
      const size = imageSize(images);
      const data = new Float32Array(2 * images.count);
      for (let i = 0; i < images.count; i++) {
        data[2 * i] = images.data[i * size]! / 255;
        data[2 * i + 1] = images.data[(i + 1) * size - 1]! / 255;
      }
      return { count: images.count, numClasses: 2, data };
    },
  };
  const scorer = tenCrops(network);
  expect(scorer.shape).toEqual({ channels: 3, height: 8, width: 8 });
  const image = ramp(8, 8, 3);
  const two = { ...image, count: 2, data: new Uint8Array([...image.data, ...image.data.toReversed()]) };
  const scores = await scorer.predict(two);
  for (const [index, data] of [image.data, image.data.toReversed()].entries()) {
    const singles = cropAll({ ...image, data }, network.shape);
    const means = [0, 0];
    for (let crop = 0; crop < 10; crop++) {
      const one = { ...network.shape, count: 1, data: singles.data.subarray(crop * 147, (crop + 1) * 147) };
      const { data: row } = await network.predict(one);
      means[0]! += row[0]! / 10;
      means[1]! += row[1]! / 10;
    }
    expect(scores.data[2 * index]).toBeCloseTo(means[0]!, 6);
    expect(scores.data[2 * index + 1]).toBeCloseTo(means[1]!, 6);
  }
});
