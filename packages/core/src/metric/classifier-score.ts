/** @file How sure a network is of each image and how many classes there are in all: the inception score, of any classifier. */

import type { Scores } from '../classifier/scores.ts';

/**
 * `exp(E KL(p(y|x) || p(y)))`, from 1 (every image has the same scores) to the number of classes (each image is of one class for
 * certain, and all classes are equally many). With Inception and natural images this is the inception score (Salimans et al. 2016,
 * arXiv 1606.03498, section 4).
 *
 * @param scores probabilities, in rows that sum to 1
 * @returns NaN where there are no images
 */
export function classifierScore({ count, numClasses, data }: Scores): number {
  const marginal = new Float64Array(numClasses);
  for (let at = 0; at < count * numClasses; at++) marginal[at % numClasses]! += data[at]! / count;
  let sum = 0;
  for (let at = 0; at < count * numClasses; at++) {
    const p = data[at]!;
    if (p > 0) sum += p * Math.log(p / marginal[at % numClasses]!);
  }
  return Math.exp(sum / count);
}
