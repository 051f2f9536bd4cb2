/** @file Choosing one of a few labels: how often that succeeds, and how often by chance. */

/**
 * The probability that the right label has the largest score among itself and others drawn at random, given how many labels
 * score less: C(below, others) / C(all - 1, others). Chance gives 1 / (others + 1).
 *
 * @param below labels with a smaller score than the right one
 * @param all number of labels
 * @param others wrong labels that are offered
 */
export function choiceRate(below: number, all: number, others: number): number {
  let rate = 1;
  for (let i = 0; i < others; i++) rate *= Math.max(0, below - i) / (all - 1 - i);
  return rate;
}

/** How many labels score less than the one at `right`; equal ones count half. */
export function labelsBelow(scores: Float32Array, right: number): number {
  const own = scores[right]!;
  return scores.reduce(
    (sum, value, label) => sum + (label === right ? 0 : value < own ? 1 : value === own ? 0.5 : 0),
    0,
  );
}
