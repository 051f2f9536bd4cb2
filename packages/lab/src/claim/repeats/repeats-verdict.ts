import { type Decision, decide, rateAbove } from '../../finding/verdict.ts';

/** A fall of the confidence that is more than a little. */
const LARGE = 0.5;

/**
 * The verdict on images without one of their repeated elements.
 *
 * @param drops for each image, by how much its confidence falls; in [-1, 1]
 */
export function repeatsVerdict(drops: readonly number[]): Decision {
  const count = (test: (drop: number) => boolean): number => drops.filter(test).length;
  return decide([
    rateAbove(
      count((drop) => drop > 0),
      drops.length,
      0.5,
      'images whose confidence falls',
    ),
    rateAbove(
      count((drop) => drop < LARGE),
      drops.length,
      0.5,
      'images whose confidence falls by less than 0.5',
    ),
  ]);
}
