/** @file The networks that `pareidolia train` knows. */

import type { Model } from '@pareidolia/autodiff';
import { cnn, type Dataset, datasetShape, InputError, imageSize, lenet, MAXOUT, maxout, mlp } from '@pareidolia/core';
import type { TrainSettings } from './settings.ts';

/**
 * An untrained network for a data set.
 *
 * @param seed of its first weights
 * @throws InputError where the layers are given and not to be chosen, or too large
 */
export function buildNetwork(
  { network, hidden }: Pick<TrainSettings, 'network' | 'hidden'>,
  seed: number,
  dataset: Dataset,
): Model {
  const shape = datasetShape(dataset);
  const classes = dataset.classNames.length;
  requireSize(imageSize(shape), hidden ?? [], network === 'maxout' ? MAXOUT.pieces : 1);
  if (hidden !== undefined && (network === 'lenet' || network === 'cnn' || network === 'softmax')) {
    throw new InputError(`The layers of ${network} are given; leave out --hidden, or train an mlp or maxout network`);
  }
  switch (network) {
    case 'lenet':
      return lenet(shape, classes, seed);
    case 'cnn':
      return cnn(shape, classes, seed);
    case 'mlp':
      return mlp(shape, hidden ?? [300, 100], classes, seed);
    case 'softmax':
      return mlp(shape, [], classes, seed);
    case 'maxout':
      return maxout(shape, { ...MAXOUT, ...(hidden === undefined ? {} : { hidden }) }, classes, seed);
    default:
      throw new Error('no network is named');
  }
}

/** Weights of a layer, at most: 1 GiB, of which training holds several copies. */
const MOST_WEIGHTS = 2 ** 28;

function requireSize(inputs: number, hidden: readonly number[], pieces: number): void {
  const [, ...above] = [inputs, ...hidden];
  const layers = above.map((units, index) => [index === 0 ? inputs : above[index - 1]!, units * pieces] as const);
  const large = layers.find(([before, units]) => before * units > MOST_WEIGHTS);
  if (large === undefined) return;
  throw new InputError(
    `--hidden ${hidden.join(',')} has a layer of ${large[0]} x ${large[1]} weights, which does not fit in memory; make it smaller`,
  );
}
