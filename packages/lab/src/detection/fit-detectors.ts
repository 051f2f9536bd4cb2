/** @file Fits detectors to the real images that are for it. */

import {
  type Detector,
  type FittedDetector,
  InputError,
  type OnnxClassifier,
  type OpenFitSource,
} from '@pareidolia/core';
import { withoutStop } from '../format/sentence-case.ts';

/** What came of it. */
export interface Fits {
  readonly fitted: readonly { readonly detector: Detector; readonly fit: FittedDetector }[];
  /** Those that could not be fitted, and why: a sentence without a full stop. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Fits every detector that a network and the images allow.
 *
 * @param pause awaited between two detectors
 */
export async function fitDetectors(
  classifier: Pick<OnnxClassifier, 'ends' | 'reading' | 'gradientBlockers'>,
  { source, isLabelled, doubt }: OpenFitSource,
  detectors: readonly Detector[],
  pause: (detector: Detector, place: number) => Promise<void>,
): Promise<Fits> {
  const fitted: { detector: Detector; fit: FittedDetector }[] = [];
  const leftOut: { name: string; why: string }[] = [];
  for (const [place, detector] of detectors.entries()) {
    await pause(detector, place);
    const why = unusable(classifier, source, doubt, detector);
    if (why !== undefined) {
      leftOut.push({ name: detector.name, why });
      continue;
    }
    try {
      const fit = await detector.fit(source);
      const remarks =
        isLabelled || !READ_LABELS.has(detector.name)
          ? fit.remarks
          : [
              ...fit.remarks,
              'the right classes of the real images are not known, so those that the network decides for were taken',
            ];
      fitted.push({ detector, fit: { ...fit, remarks } });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      leftOut.push({ name: detector.name, why: withoutStop(error.message) });
    }
  }
  return { fitted, leftOut };
}

/** Those that look at the classes of real images. */
const READ_LABELS: ReadonlySet<string> = new Set(['mahalanobis', 'relative-mahalanobis', 'openmax']);

/** Why a detector says nothing of a network; a sentence without a full stop. */
function unusable(
  classifier: Pick<OnnxClassifier, 'ends' | 'reading' | 'gradientBlockers'>,
  { width, layer, levels }: OpenFitSource['source'],
  doubt: string | undefined,
  { needs, needsLayer, isOfSoftmax, isShiftInvariant }: Detector,
): string | undefined {
  const { ends, reading } = classifier;
  if (reading.kind === 'sigmoids' && isOfSoftmax) {
    return 'it supposes a softmax, and the outputs are independent sigmoids';
  }
  if (reading.logits === 'logarithm' && !isShiftInvariant) {
    return 'it needs the size of the logits, and the network gives probabilities alone';
  }
  if (needs === 'features' && width === 0) return ends.featuresWhy ?? 'no penultimate features were found';
  if (needs === 'levels' && levels.length === 0) {
    return 'it needs what several layers with weights take in, and the graph has none behind the first one that could be read';
  }
  if (needsLayer === true && layer === undefined) {
    return (
      doubt ??
      'it needs the weights of a last layer that makes the logits, and there is none behind the features that could be read'
    );
  }
  if (needs === 'gradient') {
    const blockers = classifier.gradientBlockers();
    if (blockers.length > 0)
      return `it needs the gradient, which ${blockers[0]!.opType} (node ${blockers[0]!.node}) blocks`;
  }
  return undefined;
}
