/** @file Images of known decision, for attacks that begin at an adversarial image. */

import { argmax } from '../../classifier/scores.ts';
import { type FloatImages, type Images, imageSize, requireImages, toFloat } from '../../image/images.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Attack } from '../attack.ts';
import { checkPixels } from './check-request.ts';
import type { KnownStart } from './sample.ts';
import type { TargetModel } from './target-model.ts';

/**
 * Whether an attack may begin at known images: those that see decisions only, and those whose setting `start` says so.
 *
 * @param settings changes to the attack's settings, by name
 */
export function mayBeginAtStarts({ access }: Pick<Attack, 'access'>, settings: Settings = {}): boolean {
  return access === 'decisions' || (settings.start ?? 0) > 0;
}

/**
 * Asks a classifier for its decisions on images that searches may begin at. Those with outputs that are not finite are
 * left out.
 *
 * @throws InputError where the images do not have the classifier's shape, or a pixel is not in [0, 1]
 */
export async function knownStarts(model: TargetModel, images: Images | FloatImages): Promise<readonly KnownStart[]> {
  requireImages(images, model.shape, 'An attack from starting points');
  const size = imageSize(images);
  const { data, ...shape } = images;
  const floats = data instanceof Uint8Array ? toFloat({ ...shape, data }) : { ...shape, data };
  checkPixels(floats.data);
  const logits = await model.logits(floats);
  const starts: KnownStart[] = [];
  for (let row = 0; row < images.count; row++) {
    const own = logits.data.subarray(row * logits.numClasses, (row + 1) * logits.numClasses);
    if (!own.every(Number.isFinite)) continue;
    starts.push({ image: floats.data.subarray(row * size, (row + 1) * size), decision: argmax(own) });
  }
  return starts;
}
