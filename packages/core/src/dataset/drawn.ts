/** @file The data sets that are drawn here, by name. */

import { type ImageShape, imageSize } from '../image/images.ts';
import type { Dataset } from './dataset.ts';
import { DIGIT_PARTS, drawDigits } from './digits/digits.ts';
import { DRAWN_NAMES, type DrawnName } from './drawn-names.ts';
import { drawThings, THING_PARTS } from './things/things.ts';

/** An endless sequence for each seed, of which the parts are pieces one behind the other. */
export interface DrawnDataset {
  readonly parts: { readonly train: number; readonly validation: number; readonly test: number };
  /**
   * Draws `count` examples of the sequence of a seed.
   *
   * @param first position of the first example in the sequence
   */
  draw(count: number, seed: number, first?: number): Dataset;
}

/** The data sets that are drawn here, by name. */
export const DRAWN: Readonly<Record<DrawnName, DrawnDataset>> = {
  digits: { parts: DIGIT_PARTS, draw: drawDigits },
  things: { parts: THING_PARTS, draw: drawThings },
};

/** Whether a name is that of a data set that is drawn. */
export function isDrawn(name: string | undefined): name is DrawnName {
  return DRAWN_NAMES.some((drawn) => drawn === name);
}

/**
 * Examples that a network of some shape can be shown: drawings of its own data set, or of things for any other network that takes
 * square color images. Their labels are those of the drawings, and not of the network.
 *
 * @param dataset that the network's card names
 * @returns nothing where there are none
 */
export function drawSamples(
  dataset: string | undefined,
  shape: ImageShape,
  count: number,
  seed: number,
): Dataset | undefined {
  if (isDrawn(dataset)) {
    const drawn = DRAWN[dataset].draw(count, seed);
    return imageSize(drawn.images) === imageSize(shape) ? drawn : undefined;
  }
  const { channels, height, width } = shape;
  return channels === 3 && height === width ? drawThings(count, seed, 0, height) : undefined;
}
