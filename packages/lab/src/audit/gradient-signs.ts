/** @file Whether gradients say anything: an attack that follows one that is zero stands still. */

import {
  binomialTail,
  type Classifier,
  type Images,
  InputError,
  imageSize,
  QueryBudgetError,
  sliceImages,
  toFloat,
  unsoundImages,
} from '@pareidolia/core';
import { withoutStop } from '../format/sentence-case.ts';

/** What is seen of the gradients of N images. Plain data, so that a unit can hold it. */
export type GradientSigns = {
  /** Why there are none: a sentence without a full stop; `null` where there are. */
  readonly refused: string | null;
  /** Images that were looked at. */
  readonly of: number;
  /** Images whose gradient of the logarithm of the class's probability is zero in every pixel. */
  readonly zero: number;
  /** The same of the margin of logits: no attack that follows gradients moves there. */
  readonly zeroMargin: number;
  /** Images with a gradient that is not finite. */
  readonly notFinite: number;
};

/** Images in one call. */
const BATCH = 16;

/** Share of the images whose gradient is zero above which a robustness found with gradients says little. */
export const MOST_ZERO = 0.1;

/** Share of the images that attacks without gradients may break beyond the others by chance. */
export const MOST_LATE = 0.02;

/** How unlikely more must be by chance. */
const SIGNIFICANT = 0.05;

/**
 * Whether attacks without gradients broke so many images that those with them had left, that their share is above
 * {@link MOST_LATE} beyond chance: the exact binomial test at 5 %.
 */
export function isBeyondChance(late: number, of: number): boolean {
  return late > 0 && binomialTail(late, of, MOST_LATE) < SIGNIFICANT;
}

/**
 * Asks for the gradients of the probabilities of classes, and of their margins, as attacks follow them: where there is a
 * detector, its refusal counts as the class.
 *
 * @param classes one for each image
 */
export async function gradientSigns(
  classifier: Pick<Classifier, 'gradient' | 'noGradient' | 'numClasses' | 'refusedClass'>,
  images: Images,
  classes: Int32Array,
): Promise<GradientSigns> {
  const counted = { of: images.count, zero: 0, zeroMargin: 0, notFinite: 0 };
  if (classifier.noGradient !== undefined) return { refused: classifier.noGradient, ...counted };
  const size = imageSize(images);
  try {
    for (let from = 0; from < images.count; from += BATCH) {
      const to = Math.min(images.count, from + BATCH);
      const floats = toFloat(sliceImages(images, from, to));
      const unsound = new Set<number>();
      for (const kind of ['log-probability', 'margin'] as const) {
        if (kind === 'margin' && classifier.numClasses < 2) continue;
        const classIndices = classes.slice(from, to);
        const refused = classifier.refusedClass === undefined ? {} : { refusedAs: classIndices };
        const answer = await classifier.gradient(floats, { kind, classIndices, ...refused });
        for (const image of unsoundImages(answer)) unsound.add(image);
        let zeros = 0;
        for (let row = 0; row < to - from; row++) {
          if (answer.gradient.subarray(row * size, (row + 1) * size).every((slope) => slope === 0)) zeros++;
        }
        if (kind === 'margin') counted.zeroMargin += zeros;
        else counted.zero += zeros;
      }
      counted.notFinite += unsound.size;
    }
  } catch (error) {
    if (!(error instanceof InputError) || error instanceof QueryBudgetError) throw error;
    return { refused: withoutStop(error.message), ...counted, zero: 0, zeroMargin: 0, notFinite: 0 };
  }
  return { refused: null, ...counted };
}
