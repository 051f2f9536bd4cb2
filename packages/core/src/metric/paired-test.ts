/** @file Whether two classifiers differ on the same images by more than chance. */

/** Decisions on the same images, that are right with one classifier alone. */
export interface Discordant {
  /** Right with the first alone. */
  readonly first: number;
  /** Right with the second alone. */
  readonly second: number;
}

/**
 * Counts the images on which two classifiers differ in being right.
 *
 * @param first whether each decision is right, of as many images as `second`
 */
export function discordant(first: readonly boolean[], second: readonly boolean[]): Discordant {
  return {
    first: first.filter((right, index) => right && !second[index]!).length,
    second: second.filter((right, index) => right && !first[index]!).length,
  };
}

/**
 * McNemar's test, exact and two-sided: the probability of so uneven a division of the discordant images, or a more uneven one, if
 * each fell to either side with probability 1/2 (McNemar 1947).
 *
 * @returns in (0, 1]; 1 where no image is discordant
 */
export function mcNemarTest({ first, second }: Discordant): number {
  const count = first + second;
  const least = Math.min(first, second);
  let log = -count * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= least; k++) {
    tail += Math.exp(log);
    log += Math.log((count - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
