/** @file The networks that `pareidolia train` knows. */

import type { Model } from '@pareidolia/autodiff';
import { type Dataset, datasetShape, InputError, lenet, MAXOUT, maxout, mlp } from '@pareidolia/core';
import type { TrainSettings } from './settings.ts';

/**
 * An untrained network for a data set.
 *
 * @param seed of its first weights
 * @throws InputError where the layers are given and not to be chosen
 */
export function buildNetwork(
  { network, hidden }: Pick<TrainSettings, 'network' | 'hidden'>,
  seed: number,
  dataset: Dataset,
): Model {
  const shape = datasetShape(dataset);
  const classes = dataset.classNames.length;
  if (hidden !== undefined && (network === 'lenet' || network === 'softmax')) {
    throw new InputError(`The layers of ${network} are given; leave out --hidden, or train an mlp or maxout network`);
  }
  switch (network) {
    case 'lenet':
      return lenet(shape, classes, seed);
    case 'mlp':
      return mlp(shape, hidden ?? [300, 100], classes, seed);
    case 'softmax':
      return mlp(shape, [], classes, seed);
    case 'maxout':
      return maxout(shape, { ...MAXOUT, ...(hidden === undefined ? {} : { hidden }) }, classes, seed);
  }
}
