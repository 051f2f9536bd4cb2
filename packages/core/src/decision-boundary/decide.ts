/** @file What a network decides, and how certainly, at float images of its shape. */

import type { Classifier } from '../classifier/classifier.ts';
import { InputError } from '../errors.ts';
import { imageSize } from '../image/images.ts';

/** What a network decides at N places, and how certainly. */
export type Decisions = {
  /** The class of each image. */
  readonly decisions: Uint16Array;
  /** Its probability. */
  readonly confidences: Float32Array;
};

/**
 * What a network decides at float images. They need not be in [0, 1]: boundaries are drawn outside of that box, too.
 *
 * @param data N images of the network's shape, one after the other
 * @throws InputError where the outputs are not finite
 * @returns the most likely class of each image (the first of equal ones) and its softmax probability
 */
export async function decide(network: Pick<Classifier, 'shape' | 'logits'>, data: Float32Array): Promise<Decisions> {
  const size = imageSize(network.shape);
  const count = data.length / size;
  const decisions = new Uint16Array(count);
  const confidences = new Float32Array(count);
  const logits = await network.logits({ ...network.shape, count, data });
  for (let row = 0; row < count; row++) {
    const own = logits.data.subarray(row * logits.numClasses, (row + 1) * logits.numClasses);
    if (!own.every(Number.isFinite)) {
      throw new InputError(`The network's outputs are not finite (NaN or infinite) at image ${row}; check its weights`);
    }
    const top = own.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    decisions[row] = own.indexOf(top);
    confidences[row] = 1 / own.reduce((sum, value) => sum + Math.exp(value - top), 0);
  }
  return { decisions, confidences };
}

/**
 * Decisions of a network of two inputs on a grid over a square.
 *
 * @param grid places along each axis; each is the middle of its cell
 * @param low the lower end of both axes
 * @param high the upper end of both axes
 * @returns `grid x grid` decisions, row by row: the first input grows along a row
 */
export function decideOnGrid(
  network: Pick<Classifier, 'shape' | 'logits'>,
  grid: number,
  low: number,
  high: number,
): Promise<Decisions> {
  const at = (place: number): number => low + ((place + 0.5) * (high - low)) / grid;
  const data = new Float32Array(2 * grid * grid);
  for (let i = 0; i < grid * grid; i++) data.set([at(i % grid), at(Math.floor(i / grid))], 2 * i);
  return decide(network, data);
}
