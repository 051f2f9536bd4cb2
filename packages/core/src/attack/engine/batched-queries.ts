/** @file Many images about which one search asks at once. */

import { logitsOfEach, type Steps } from './query.ts';

/** Values in the images of one yield, at most: searches on a whole batch wait with theirs in memory at the same time. */
const PORTION = 2 ** 19;

/**
 * Asks for the logits of many images, as many in one yield as memory allows.
 *
 * @param size of an image
 * @param make makes an image when its turn comes; called in order
 * @param read is given the answers in order
 */
export function* askMany(
  count: number,
  size: number,
  make: (index: number) => Float32Array,
  read: (logits: Float32Array, index: number, image: Float32Array) => void,
): Steps {
  const portion = Math.max(1, Math.floor(PORTION / size));
  for (let from = 0; from < count; from += portion) {
    const images = Array.from({ length: Math.min(portion, count - from) }, (_, place) => make(from + place));
    const answers = yield* logitsOfEach(images);
    for (const [place, logits] of answers.entries()) read(logits, from + place, images[place]!);
  }
}
