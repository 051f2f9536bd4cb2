/** @file The images that a network is fooled by, to train the next one with. */

import type { Scorer } from '../../classifier/classifier.ts';
import { argmax, scoresOf } from '../../classifier/scores.ts';
import { type Images, imageSize } from '../../image/images.ts';
import { type Evolved, type EvolveOptions, evolve } from '../../search/evolve.ts';

/** Fooling images of one search: an image for each class, `classes x C x H x W`. */
export type FoolingImages = {
  /** Elites of the random population. */
  readonly first: Uint8Array;
  /** The last generation, with the curve to it. */
  readonly last: Evolved;
};

/**
 * Evolves CPPN images for all classes, and keeps those of the first and the last generation, as Nguyen, Yosinski and Clune 2015 add
 * them to the training data (section 3.5).
 *
 * @throws whatever `pause` rejects with
 */
export async function evolveFoolingImages(
  scorer: Scorer,
  options: Omit<EvolveOptions, 'encoding'>,
): Promise<FoolingImages> {
  const { bookmark: _, onGeneration: __, ...plain } = options;
  // A search of no generation ends with the random one of the longer search, for their seed is the same.
  const first = (await evolve(scorer, { ...plain, encoding: 'cppn', generations: 0 })).images;
  return { first, last: await evolve(scorer, { ...options, encoding: 'cppn' }) };
}

/**
 * The share of images that a network puts in a class.
 *
 * @param batches `N x C x H x W` each; at least one image in all
 */
export async function shareInClass(
  scorer: Scorer,
  batches: readonly Uint8Array[],
  classIndex: number,
): Promise<number> {
  const size = imageSize(scorer.shape);
  let [hits, all] = [0, 0];
  for (const data of batches) {
    const some: Images = { ...scorer.shape, count: data.length / size, data };
    const scores = await scorer.predict(some);
    for (let row = 0; row < some.count; row++) if (argmax(scoresOf(scores, row)) === classIndex) hits++;
    all += some.count;
  }
  return hits / all;
}
