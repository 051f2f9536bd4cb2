/** @file What the measures need to know of each image that was scored. */

import { argmax } from '../classifier/scores.ts';

/** What a classifier said of one image whose class is known. */
export interface Answer {
  /** The right class. */
  readonly label: number;
  /** The class with the largest score. */
  readonly prediction: number;
  /** Classes with a larger score than the right one has: 0 where it is right. */
  readonly rank: number;
  /** The score of the prediction, in [0, 1]. */
  readonly confidence: number;
  /** The score of the right class, in [0, 1]. */
  readonly labelScore: number;
  /** The sum of the squares of all scores. */
  readonly squares: number;
}

/**
 * Reads a row of scores.
 *
 * @param scores of one image, one for each class, finite
 * @param label the right class
 * @param prediction the class decided for, where the scores alone leave that open; their largest when absent
 */
export function answerOf(scores: Float32Array, label: number, prediction = argmax(scores)): Answer {
  const labelScore = scores[label]!;
  let [squares, larger] = [0, 0];
  for (let k = 0; k < scores.length; k++) {
    const score = scores[k]!;
    squares += score * score;
    if (score > labelScore) larger++;
  }
  // Of equal scores only one is decided for.
  const rank = label === prediction ? 0 : Math.max(1, larger);
  return { label, prediction, rank, confidence: scores[prediction]!, labelScore, squares };
}
