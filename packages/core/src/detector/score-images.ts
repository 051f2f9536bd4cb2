import type { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import type { Images } from '../image/images.ts';
import type { FittedDetector, Observation } from './detector.ts';

/** What is asked of a classifier to score images. */
export type DetectedClassifier = Pick<
  OnnxClassifier,
  'observe' | 'logits' | 'gradient' | 'numClasses' | 'shape' | 'predict' | 'origin'
>;

const NONE = new Float32Array(0);

/**
 * Scores images by several detectors, for one pass of the network, and another one for each that moves images.
 *
 * @param images of the classifier's shape
 * @returns for each detector one score for each image
 * @throws InputError where the images have another shape, or a detector that moves images finds no gradient
 */
export async function scoresOfImages(
  classifier: DetectedClassifier,
  detectors: readonly FittedDetector[],
  images: Images,
): Promise<readonly Float64Array[]> {
  const readsLevels = detectors.some((detector) => detector.readsLevels === true);
  const { logits, features, levels } = await classifier.observe(images, { levels: readsLevels });
  const { numClasses } = classifier;
  const rows = (data: Float32Array, width: number, row: number): Float32Array =>
    data.subarray(row * width, (row + 1) * width);
  const observations = Array.from(
    { length: images.count },
    (_, row): Observation => ({
      logits: rows(logits.data, numClasses, row),
      features: features === undefined ? NONE : rows(features.data, features.width, row),
      ...(levels === undefined ? {} : { levels: rows(levels.data, levels.width, row) }),
    }),
  );
  const all: Float64Array[] = [];
  for (const detector of detectors) {
    if (detector.scoresOf !== undefined) {
      all.push(await detector.scoresOf(images));
      continue;
    }
    if (detector.moved === undefined) {
      all.push(Float64Array.from(observations, (observation) => detector.score(observation)));
      continue;
    }
    const { data } = await classifier.logits(await detector.moved(classifier, images));
    all.push(
      Float64Array.from(observations, (_, row) =>
        detector.score({ logits: rows(data, numClasses, row), features: NONE }),
      ),
    );
  }
  return all;
}
