/** @file The accuracy of a trained network under attack. */

import { type Model, writeModel } from '@pareidolia/autodiff';
import {
  attackImages,
  type Dataset,
  isRobust,
  OnnxClassifier,
  pgd,
  type Runtime,
  type SessionOptions,
  sliceDataset,
} from '@pareidolia/core';
import { z } from 'zod';

/** Accuracy before and after an attack. */
export interface Robustness {
  /** Name of the attack. */
  readonly attack: string;
  /** In Linf. */
  readonly epsilon: number;
  /** Images attacked, those that were wrong before included. */
  readonly images: number;
  /** The share of them that is right before and after; an image without finite outputs is not. */
  readonly accuracy: number;
}

/** The result of the unit, as it was read from the journal. */
export const ROBUSTNESS: z.ZodType<Robustness> = z.object({
  attack: z.string(),
  epsilon: z.number(),
  images: z.int().min(1),
  accuracy: z.number(),
});

/** Enough for a standard error of 1.6 %. */
const MOST = 1000;

/**
 * Attacks the first examples by PGD as in Madry et al. 2018: 40 steps of epsilon / 30 from a random start.
 *
 * @param model from float32 images in [0, 1] to logits
 */
export async function measureRobustness(
  model: Model,
  dataset: Dataset,
  epsilon: number,
  seed: number,
  runtime: Runtime,
  session: SessionOptions,
  signal: AbortSignal,
): Promise<Robustness> {
  const { images, labels } = sliceDataset(dataset, 0, Math.min(MOST, dataset.images.count));
  const classifier = await OnnxClassifier.load(writeModel(model), {
    runtime,
    ...session,
    where: 'the trained network',
  });
  try {
    const results = await attackImages(classifier, pgd, images, Int32Array.from(labels), {
      norm: 'linf',
      epsilons: [epsilon],
      seed,
      batch: 100,
      quantize: false,
      signal,
    });
    const right = results.filter(isRobust).length;
    return { attack: pgd.name, epsilon, images: images.count, accuracy: right / images.count };
  } finally {
    await classifier.dispose();
  }
}
