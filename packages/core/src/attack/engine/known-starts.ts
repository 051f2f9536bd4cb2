/** @file Images of known decision, for attacks that see decisions only. */

import { argmax } from '../../classifier/scores.ts';
import { InputError } from '../../errors.ts';
import { type FloatImages, type Images, imageSize, sliceImages, toFloat } from '../../image/images.ts';
import type { KnownStart } from './sample.ts';
import type { TargetModel } from './target-model.ts';

/**
 * Asks a classifier for its decisions on images that searches may begin at. Those with outputs that are not finite are
 * left out.
 *
 * @param batch images in one call of the network
 * @throws InputError where the images do not have the classifier's shape
 */
export async function knownStarts(
  model: TargetModel,
  images: Images | FloatImages,
  batch: number,
): Promise<readonly KnownStart[]> {
  const { channels, height, width } = model.shape;
  if (images.channels !== channels || images.height !== height || images.width !== width) {
    throw new InputError(
      `The model takes images of ${channels} x ${height} x ${width}, the starting points are ${images.channels} x ${images.height} x ${images.width}; resize them`,
    );
  }
  const size = imageSize(images);
  const points: KnownStart[] = [];
  for (let from = 0; from < images.count; from += batch) {
    const count = Math.min(batch, images.count - from);
    const some = floats(images, from, count);
    const logits = await model.logits(some);
    for (let row = 0; row < count; row++) {
      const own = logits.data.subarray(row * logits.numClasses, (row + 1) * logits.numClasses);
      if (!own.every(Number.isFinite)) continue;
      points.push({ image: some.data.subarray(row * size, (row + 1) * size), decision: argmax(own) });
    }
  }
  return points;
}

function floats(images: Images | FloatImages, from: number, count: number): FloatImages {
  const { data, ...shape } = images;
  if (data instanceof Uint8Array) return toFloat(sliceImages({ ...shape, data }, from, from + count));
  const size = imageSize(images);
  return { ...shape, count, data: data.subarray(from * size, (from + count) * size) };
}
