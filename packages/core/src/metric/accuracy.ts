/** @file Top-k accuracy. */

import type { Answer } from './answers.ts';
import { type Interval, wilsonInterval } from './interval.ts';

/** A share of images, with its 95 % interval. */
export interface Accuracy {
  /** Images that are right. */
  readonly right: number;
  readonly of: number;
  /** `right / of`; NaN where there is no image. */
  readonly share: number;
  /** Wilson's interval of the share at 95 %. */
  readonly interval: Interval;
}

/**
 * The share of images whose right class is among the `k` with the largest scores.
 *
 * @param k 1 for the usual accuracy
 */
export function topAccuracy(answers: readonly Pick<Answer, 'rank'>[], k = 1): Accuracy {
  return accuracy(answers.filter(({ rank }) => rank < k).length, answers.length);
}

/** An accuracy of counts. */
export function accuracy(right: number, of: number): Accuracy {
  return { right, of, share: right / of, interval: wilsonInterval(right, of) };
}
