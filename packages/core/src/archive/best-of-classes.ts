/** @file The best of each class, where an archive keeps several images of it. */

import type { Elite } from './archive.ts';

/** One elite for each class. */
export interface BestOfClasses<E extends Pick<Elite, 'confidence'> = Elite> {
  /** The classes, ascending, each once. */
  readonly classIndices: readonly number[];
  /** The elite with the highest confidence, the first of equals; `undefined` where all cells of the class are empty. */
  readonly elites: readonly (E | undefined)[];
}

/**
 * The best elite of each class.
 *
 * @param archive its cells with their classes, as an `Archive` has them
 */
export function bestOfClasses<E extends Pick<Elite, 'confidence'>>({
  classIndices,
  elites,
}: {
  readonly classIndices: readonly number[];
  readonly elites: readonly (E | undefined)[];
}): BestOfClasses<E> {
  const best = new Map<number, E | undefined>();
  classIndices.forEach((classIndex, cell) => {
    const [elite, before] = [elites[cell], best.get(classIndex)];
    if (before === undefined || (elite !== undefined && elite.confidence > before.confidence)) {
      best.set(classIndex, elite ?? before);
    }
  });
  return { classIndices: [...best.keys()], elites: [...best.values()] };
}
