/** @file Whether a classifier says the same of different images: a sign of wrong preprocessing, or of a damaged network. */

import { argmax, type Scores, scoresOf } from './scores.ts';

/** Scores that differ by less, over all images, are taken for the same answer. */
const LEAST_SPREAD = 1e-3;

/**
 * A sentence about answers that hardly depend on the image; `undefined` where they do, or there are fewer than two images.
 * Only for images that are known to differ in their classes: a set of cats is rightly all one class.
 *
 * @param scores of different images
 * @param classNames to name the class with; its place when absent
 */
export function constantAnswer(scores: Scores, classNames?: readonly string[]): string | undefined {
  const { count } = scores;
  if (count < 2) return undefined;
  const decisions = new Set(Array.from({ length: count }, (_, row) => argmax(scoresOf(scores, row))));
  const [only] = decisions;
  const name = classNames?.[only!] === undefined ? `class ${only}` : `the class ${classNames[only!]}`;
  return (
    nearlyConstant(scores) ??
    (decisions.size > 1
      ? undefined
      : `All ${count} images are taken for ${name}: range, mean, deviation or color of the card may be wrong`)
  );
}

/**
 * A sentence about scores that are the same for all images within 1e-3; `undefined` where they are not, or there are fewer
 * than two images. The weaker half of {@link constantAnswer}, for images whose classes are not known.
 *
 * @param scores of different images
 */
export function nearlyConstant(scores: Scores): string | undefined {
  const { count } = scores;
  const spread = largestSpread(scores);
  if (count < 2 || !(spread < LEAST_SPREAD)) return undefined;
  const by = spread === 0 ? 'exactly the same scores' : `scores that differ by ${spread.toPrecision(2)} at most`;
  return `${count} different images get ${by}: range, mean, deviation or layout of the card may be wrong, or the network is damaged`;
}

/** The largest difference between two images' scores of one class. */
function largestSpread({ count, numClasses, data }: Scores): number {
  let largest = 0;
  for (let k = 0; k < numClasses; k++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let row = 0; row < count; row++) {
      const value = data[row * numClasses + k]!;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    largest = Math.max(largest, high - low);
  }
  return largest;
}
