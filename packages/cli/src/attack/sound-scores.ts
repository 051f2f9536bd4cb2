/** @file Scores of images of which some may have none. */

import {
  type Classifier,
  finiteRows,
  type Images,
  InputError,
  RunError,
  type Scores,
  selectImages,
} from '@pareidolia/core';

/**
 * Scores of those images whose outputs are finite.
 *
 * @returns their places among the images, in order, and a row of scores for each of them
 * @throws InputError where scores are refused for another reason
 */
export async function soundScores(
  classifier: Pick<Classifier, 'predict' | 'logits'>,
  images: Images,
): Promise<{ readonly places: readonly number[]; readonly scores: Scores }> {
  try {
    return {
      places: Array.from({ length: images.count }, (_, place) => place),
      scores: await classifier.predict(images),
    };
  } catch (error) {
    if (!(error instanceof InputError) || error instanceof RunError) throw error;
    const places = finiteRows(await classifier.logits(images));
    if (places.length === images.count) throw error;
    return { places, scores: await classifier.predict(selectImages(images, places)) };
  }
}
