/** @file Which class each image is to be taken for. */

import { acceptedClasses, type Classifier, type Images, InputError, parseClasses, Random } from '@pareidolia/core';
import { acceptedNames } from './subjects.ts';

const TARGET_STREAM = 7;

/**
 * @param choice `random` (another class, each equally likely), `next` (label + 1, cyclic), `least-likely` (of the network, for
 *   the original), or a class, of which no image may be
 * @throws InputError where the class is unknown
 */
export async function chooseTargets(
  choice: string,
  classifier: Classifier,
  images: Images,
  labels: Int32Array,
  seed: number,
): Promise<Int32Array> {
  const numClasses = acceptedClasses(classifier);
  if (choice === 'random') {
    return labels.map((label, index) => {
      const drawn = Random.stream(seed, TARGET_STREAM, index).integer(numClasses - 1);
      return drawn < label ? drawn : drawn + 1;
    });
  }
  if (choice === 'next') return labels.map((label) => (label + 1) % numClasses);
  if (choice === 'least-likely') return leastLikely(classifier, images, labels);
  return new Int32Array(labels.length).fill(targetClass(choice, acceptedNames(classifier))!);
}

/**
 * The one class that all images are aimed at; `undefined` where each has its own.
 *
 * @throws InputError where the class is unknown
 */
export function targetClass(choice: string, classNames: readonly string[]): number | undefined {
  if (['random', 'next', 'least-likely'].includes(choice)) return undefined;
  const chosen = parseClasses(choice, classNames);
  const [target, ...others] = chosen;
  if (target !== undefined && others.length === 0) return target;
  throw new InputError(
    `--targeted ${choice} names ${chosen.length} classes; give one, or random, next or least-likely`,
  );
}

async function leastLikely(classifier: Classifier, images: Images, labels: Int32Array): Promise<Int32Array> {
  if (classifier.answers === 'labels') {
    throw new InputError(
      '--targeted least-likely needs scores, and the model tells only the label; aim at random, next or a class',
    );
  }
  const { data, numClasses } = await classifier.logits(images);
  return labels.map((label, row) => {
    const own = data.subarray(row * numClasses, row * numClasses + acceptedClasses(classifier));
    let least = label === 0 ? 1 : 0;
    for (let k = 0; k < own.length; k++) if (k !== label && own[k]! < own[least]!) least = k;
    return least;
  });
}
