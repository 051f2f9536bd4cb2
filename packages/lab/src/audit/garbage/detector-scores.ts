/** @file What every detector says of the images of a source, from their logits. */

import { type Detector, type FitSource, LOGIT_DETECTORS, type LogitDetector, logSumExp } from '@pareidolia/core';
import type { AuditBench } from '../bench.ts';
import type { ScoredSource } from './score-images.ts';

/** Logits are taken for logarithms of probabilities where all their exponentials sum to 1 within this. */
const LEAST_SHIFT = 1e-3;

/** Plain data. */
export type DetectorScores = {
  /** By the detector's name: one score for each image. */
  readonly scores: { readonly [detector: string]: readonly number[] };
  /** Whether the logits were logarithms of probabilities throughout. */
  readonly isNormalized: boolean;
};

/** What a discriminator is fitted to. */
const NO_SOURCE: FitSource = {
  count: 0,
  numClasses: 0,
  classNames: [],
  width: 0,
  levels: [],
  seed: 0,
  async *batches() {},
};

type Earlier = DetectorScores & { readonly done: number };

/**
 * Scores the images of a source by every detector, once.
 *
 * @param key of the unit
 * @throws InputError where the classifier rejects them, or its queries end
 */
export async function detectorScores(
  bench: AuditBench,
  key: string,
  source: ScoredSource,
  onProgress: (done: number) => void,
): Promise<DetectorScores> {
  return bench.unit(key, async (bookmark): Promise<DetectorScores> => {
    // A bookmark of this key is what was offered below.
    const earlier = bookmark.value as Earlier | undefined;
    const { discriminator } = bench;
    const names = [...LOGIT_DETECTORS, ...(discriminator === undefined ? [] : [discriminator])].map(({ name }) => name);
    const scores: Record<string, number[]> = Object.fromEntries(
      names.map((name) => [name, [...(earlier?.scores[name] ?? [])]]),
    );
    // It is fitted to nothing.
    const judge = await discriminator?.fit(NO_SOURCE);
    let isNormalized = earlier?.isNormalized ?? true;
    for (let done = earlier?.done ?? 0; done < source.count; ) {
      await bench.pause();
      const images = source.make(done);
      const { data, numClasses } = await bench.classifier.logits(images);
      for (let row = 0; row < images.count; row++) {
        const logits = data.subarray(row * numClasses, (row + 1) * numClasses);
        for (const { name, score } of LOGIT_DETECTORS) scores[name]!.push(score(logits));
        isNormalized &&= Math.abs(logSumExp(logits)) < LEAST_SHIFT;
      }
      if (judge !== undefined) scores[judge.name]!.push(...(await judge.scoresOf!(images)));
      done += images.count;
      onProgress(done);
      bookmark.offer(() => ({ scores, isNormalized, done }));
    }
    return { scores, isNormalized };
  });
}

/** The detectors that say something of a classifier, and why others do not: a sentence without a full stop. */
export function usableDetectors(
  { classifier, discriminator }: Pick<AuditBench, 'classifier' | 'discriminator'>,
  isNormalized: boolean,
): { readonly detectors: readonly Pick<Detector, 'name' | 'title' | 'paper'>[]; readonly why: string | undefined } {
  const { detectors, why } = ofLogits(classifier, isNormalized);
  return { detectors: discriminator === undefined ? detectors : [...detectors, discriminator], why };
}

function ofLogits(
  classifier: AuditBench['classifier'],
  isNormalized: boolean,
): { readonly detectors: readonly LogitDetector[]; readonly why: string | undefined } {
  if (classifier.reading?.kind === 'sigmoids') {
    return {
      detectors: LOGIT_DETECTORS.filter(({ isOfSoftmax }) => !isOfSoftmax),
      why: 'The outputs are independent sigmoids, so detectors that suppose a softmax are left out',
    };
  }
  if (!isNormalized) return { detectors: LOGIT_DETECTORS, why: undefined };
  return {
    detectors: LOGIT_DETECTORS.filter(({ isShiftInvariant }) => isShiftInvariant),
    why: 'The classifier gives probabilities and no logits, so detectors that need the size of the logits are left out',
  };
}
