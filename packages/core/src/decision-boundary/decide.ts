/** @file What a network decides, and how certainly, at float images of its shape. */

import type { Classifier } from '../classifier/classifier.ts';
import { imageSize } from '../image/images.ts';

export type Decisions = {
  /** The class of each image. */
  readonly decisions: Uint16Array;
  /** Its probability. */
  readonly confidences: Float32Array;
};

/** Images in one call. */
const CHUNK = 256;

/** @param data float images in any range, one after the other */
export async function decide(network: Classifier, data: Float32Array): Promise<Decisions> {
  const size = imageSize(network.shape);
  const count = data.length / size;
  const decisions = new Uint16Array(count);
  const confidences = new Float32Array(count);
  for (let from = 0; from < count; from += CHUNK) {
    const part = data.subarray(from * size, Math.min(count, from + CHUNK) * size);
    const logits = await network.logits({ ...network.shape, count: part.length / size, data: part });
    for (let row = 0; row < logits.count; row++) {
      const own = logits.data.subarray(row * logits.numClasses, (row + 1) * logits.numClasses);
      const top = own.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
      decisions[from + row] = own.indexOf(top);
      confidences[from + row] = 1 / own.reduce((sum, value) => sum + Math.exp(value - top), 0);
    }
  }
  return { decisions, confidences };
}

/** Decisions of a network of two inputs on a grid of `grid x grid` places over the square from `low` to `high`. */
export function decideOnGrid(network: Classifier, grid: number, low: number, high: number): Promise<Decisions> {
  const at = (place: number): number => low + ((place + 0.5) * (high - low)) / grid;
  const data = new Float32Array(2 * grid * grid);
  for (let i = 0; i < grid * grid; i++) data.set([at(i % grid), at(Math.floor(i / grid))], 2 * i);
  return decide(network, data);
}
