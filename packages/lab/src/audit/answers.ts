/** @file What the classifier says of images, some of which it may have no sound answer for. */

import {
  argmax,
  type Classifier,
  type Images,
  InputError,
  QueryBudgetError,
  selectImages,
  sliceImages,
} from '@pareidolia/core';

/** Confidences of N images. Plain data, so that a unit can hold it. */
export type Answers = {
  /** `N`: 1 where all scores of the image are finite. */
  readonly finite: Uint8Array;
  /** `N x classes`; zeros where they are not finite. */
  readonly scores: Float32Array;
};

/** Images in one call. */
const BATCH = 64;

/** Asks for the confidences of images; one without a finite answer does not spoil those beside it. */
export async function answersOf(
  classifier: Pick<Classifier, 'predict' | 'logits' | 'numClasses'>,
  images: Images,
): Promise<Answers> {
  const { numClasses } = classifier;
  const finite = new Uint8Array(images.count);
  const scores = new Float32Array(images.count * numClasses);
  for (let from = 0; from < images.count; from += BATCH) {
    const some = sliceImages(images, from, Math.min(images.count, from + BATCH));
    const answer = await tried(classifier.predict(some));
    if (answer !== undefined) {
      scores.set(answer.data, from * numClasses);
      finite.fill(1, from, from + some.count);
      continue;
    }
    const logits = await classifier.logits(some);
    for (let row = 0; row < some.count; row++) {
      if (!logits.data.subarray(row * numClasses, (row + 1) * numClasses).every(Number.isFinite)) continue;
      const alone = await tried(classifier.predict(selectImages(some, [row])));
      if (alone === undefined) continue;
      scores.set(alone.data, (from + row) * numClasses);
      finite[from + row] = 1;
    }
  }
  return { finite, scores };
}

/** `undefined` where the classifier refuses what came out; a budget that is spent is another matter. */
async function tried<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof InputError && !(error instanceof QueryBudgetError)) return undefined;
    throw error;
  }
}

/** The decision of an image; `undefined` where its answer is not finite. */
export function decisionOf({ finite, scores }: Answers, image: number): number | undefined {
  if (finite[image] !== 1) return undefined;
  return argmax(rowOf(scores, image, scores.length / finite.length));
}

/** The largest confidence of an image. */
export function confidenceOf(answers: Answers, image: number): number {
  const { finite, scores } = answers;
  return rowOf(scores, image, scores.length / finite.length).reduce((most, score) => Math.max(most, score), 0);
}

/** A row of a matrix. */
export function rowOf(data: Float32Array, row: number, width: number): Float32Array {
  return data.subarray(row * width, (row + 1) * width);
}
