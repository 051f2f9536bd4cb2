/** @file Images of known decision, for attacks that see decisions only. */

import { argmax } from '../../classifier/scores.ts';
import { InputError } from '../../errors.ts';
import { type FloatImages, type Images, imageSize, toFloat } from '../../image/images.ts';
import type { KnownStart } from './sample.ts';
import type { TargetModel } from './target-model.ts';

/**
 * Asks a classifier for its decisions on images that searches may begin at. Those with outputs that are not finite are
 * left out.
 *
 * @throws InputError where the images do not have the classifier's shape
 */
export async function knownStarts(model: TargetModel, images: Images | FloatImages): Promise<readonly KnownStart[]> {
  const { channels, height, width } = model.shape;
  if (images.channels !== channels || images.height !== height || images.width !== width) {
    throw new InputError(
      `The model takes images of ${channels} x ${height} x ${width}, the starting points are ${images.channels} x ${images.height} x ${images.width}; resize them`,
    );
  }
  const size = imageSize(images);
  const { data, ...shape } = images;
  const floats = data instanceof Uint8Array ? toFloat({ ...shape, data }) : { ...shape, data };
  const logits = await model.logits(floats);
  const starts: KnownStart[] = [];
  for (let row = 0; row < images.count; row++) {
    const own = logits.data.subarray(row * logits.numClasses, (row + 1) * logits.numClasses);
    if (!own.every(Number.isFinite)) continue;
    starts.push({ image: floats.data.subarray(row * size, (row + 1) * size), decision: argmax(own) });
  }
  return starts;
}
