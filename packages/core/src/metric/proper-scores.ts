/** @file Proper scoring rules of probabilities: each is least for the true distribution. Gneiting and Raftery 2007. */

import type { Answer } from './answers.ts';

/** Single precision has nothing nearer to 1; probabilities below it count as it, since the logarithm of 0 is infinite. */
const LEAST_PROBABILITY = 2 ** -23;

/**
 * The Brier score over all classes: the mean of `sum_k (p_k - y_k)^2`, where y is 1 for the right class and else 0 (Brier 1950).
 *
 * @returns 0 for certainty that is always right, up to 2; of two classes twice what is often called by that name
 */
export function brierScore(answers: readonly Pick<Answer, 'labelScore' | 'squares'>[]): number {
  return mean(answers.map(({ labelScore, squares }) => squares - 2 * labelScore + 1));
}

/** The negative log-likelihood: the mean of `-ln p` of the right class, in nats; p counts as 2^-23 at least. */
export function negativeLogLikelihood(answers: readonly Pick<Answer, 'labelScore'>[]): number {
  return mean(answers.map(({ labelScore }) => -Math.log(Math.min(1, Math.max(LEAST_PROBABILITY, labelScore)))));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
