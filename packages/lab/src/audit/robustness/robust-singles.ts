/** @file Which images withstood, and how far their nearest adversarial image is: one by one. */

import { sliceImages } from '@pareidolia/core';
import type { RealImages } from '../bench.ts';
import { imageDigest, NO_IMAGES, withNumbers } from '../singles/image-digest.ts';
import type { SingleAnswers } from '../singles/single-answers.ts';
import { isWithin, type NormTrials } from './norm-trials.ts';
import { robustId } from './radii.ts';

/**
 * Behind each figure of a norm the images of the sample, in their order. Nothing where not all images were attacked.
 *
 * @param right places in the sample of the images that were attacked: those that are taken rightly
 */
export function robustSingles(
  { images, labels }: RealImages,
  right: readonly number[],
  { norm, radii, seen, blind, tried, nearest }: NormTrials,
): readonly SingleAnswers[] {
  if (tried.size < right.length) return [];
  const asked = withNumbers(imageDigest(NO_IMAGES, sliceImages(images, 0, images.count)), labels ?? []);
  const least = (place: number): number => Math.min(seen[place]!, blind[place]!);
  const distances = new Float64Array(images.count).fill(Number.NaN);
  for (const place of nearest) distances[right[place]!] = least(place);
  return [
    ...radii.map((radius) => {
      const values = new Uint8Array(images.count);
      right.forEach((sampled, place) => {
        values[sampled] = isWithin(least(place), radius) ? 0 : 1;
      });
      return { figure: robustId(norm, radius), asked, values };
    }),
    { figure: `distance.${norm}`, asked, values: distances },
  ];
}
