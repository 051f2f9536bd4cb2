/** @file How far images are on the way to a goal: to be taken for a class, and not to be one. */

import { type Classifier, drawDigits, type ImageShape, InputError, SecondLook } from '@pareidolia/core';
import type { GoalView } from './protocol.ts';

/** Drawn digits of the means, others for the thresholds, and the seeds of both. */
const [PICTURES, OTHERS] = [1000, 500];
const [PICTURES_SEED, OTHERS_SEED] = [1, 2];

let digits: SecondLook | undefined;

/**
 * Tells of an image how far it is.
 *
 * @param classIndex the goal; nothing is told when absent
 * @throws InputError where there is no such class
 */
export function goalOf(
  { shape, classNames }: Pick<Classifier, 'shape' | 'classNames'>,
  classIndex: number | undefined,
): (image: Uint8Array, scores: ArrayLike<number>) => { readonly goal?: GoalView } {
  if (classIndex === undefined) return () => ({});
  if (classIndex >= classNames.length) {
    throw new InputError(`There is no class ${classIndex}; the network has ${classNames.length}`);
  }
  const look = lookFor(shape, classNames);
  return (image, scores) => ({
    goal: {
      classIndex,
      confidence: scores[classIndex]!,
      ...(look === undefined ? {} : { resembles: look.resembles(image, classIndex) }),
    },
  });
}

/** For any network of the ten digits at the size that they are drawn in. */
function lookFor({ channels, height, width }: ImageShape, classNames: readonly string[]): SecondLook | undefined {
  if (channels !== 1 || height !== 28 || width !== 28) return undefined;
  if (classNames.length !== 10 || classNames.some((name, place) => name !== String(place))) return undefined;
  digits ??= new SecondLook(drawDigits(PICTURES, PICTURES_SEED), drawDigits(OTHERS, OTHERS_SEED));
  return digits;
}
