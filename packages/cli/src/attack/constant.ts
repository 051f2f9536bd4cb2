/** @file Whether the network says the same of all images, before it is attacked. */

import { type Classifier, constantAnswer, nearlyConstant, OnnxClassifier, selectImages } from '@pareidolia/core';
import { soundScores } from './sound-scores.ts';
import type { Subjects } from './subjects.ts';

/** Images that are looked at; evenly out of all. */
const MOST = 100;

/**
 * A sentence where the answers hardly depend on the image. Networks in files only: others may cost something for each image.
 *
 * @returns none or one, without a full stop
 */
export async function constantAnswers(
  classifier: Classifier,
  { images, labels, labelling }: Pick<Subjects, 'images' | 'labels' | 'labelling'>,
): Promise<readonly string[]> {
  if (!(classifier instanceof OnnxClassifier)) return [];
  const places = Array.from({ length: Math.min(MOST, images.count) }, (_, index) =>
    Math.floor((index * images.count) / Math.min(MOST, images.count)),
  );
  const isKnown = labelling !== 'decision';
  // Images of one class are rightly taken for one.
  if (isKnown && new Set(places.map((place) => labels[place])).size < 2) return [];
  const { places: sound, scores } = await soundScores(classifier, selectImages(images, places));
  if (isKnown && new Set(sound.map((row) => labels[places[row]!])).size < 2) return [];
  const said = isKnown ? constantAnswer(scores, classifier.classNames) : nearlyConstant(scores);
  return said === undefined ? [] : [`${classifier.where}: ${said}`];
}
