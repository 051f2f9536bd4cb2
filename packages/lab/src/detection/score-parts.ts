/** @file Scores of detectors on many images, a part in memory at a time. */

import { type DetectedClassifier, type FittedDetector, type Images, scoresOfImages } from '@pareidolia/core';

/** Scores of images that come in parts. */
export async function scoreParts(
  classifier: DetectedClassifier,
  detectors: readonly FittedDetector[],
  parts: AsyncIterable<Images> | Iterable<Images>,
  onDone: (count: number) => Promise<void>,
): Promise<readonly Float64Array[]> {
  const all: number[][] = detectors.map(() => []);
  let done = 0;
  for await (const images of parts) {
    const scores = await scoresOfImages(classifier, detectors, images);
    scores.forEach((own, at) => {
      for (const score of own) all[at]!.push(score);
    });
    done += images.count;
    await onDone(done);
  }
  return all.map((scores) => Float64Array.from(scores));
}
