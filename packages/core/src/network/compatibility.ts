/** @file Whether a network can be trained and tested on a dataset. */

import type { Model } from '@pareidolia/autodiff';
import { type Dataset, datasetShape } from '../dataset/dataset.ts';
import { InputError } from '../errors.ts';

/**
 * Finds the input for images and the output for scores.
 *
 * @throws InputError where there is more than one of either, or they don't fit the dataset
 */
export function expectCompatible(model: Model, dataset: Dataset): { readonly input: string; readonly output: string } {
  const { inputs, outputs } = model.graph;
  const [input] = inputs;
  const [output] = outputs;
  if (inputs.length !== 1 || outputs.length !== 1 || input === undefined || output === undefined) {
    throw new InputError(
      `Training needs a network of one input and one output; this one has ${inputs.length} and ${outputs.length}`,
    );
  }
  if (dataset.images.count === 0) throw new InputError(`${dataset.name} holds no example`);
  const { channels, height, width } = datasetShape(dataset);
  const wanted = [channels, height, width];
  const taken = input.shape?.slice(1);
  if (input.type !== 'float32' || taken?.length !== 3 || taken.some((dim, axis) => dim !== wanted[axis])) {
    throw new InputError(
      `Input ${input.name} takes ${input.type} ${taken?.join('x')}, but ${dataset.name} has images of ${wanted.join('x')}`,
    );
  }
  const classes = output.shape?.[1];
  if (output.shape?.length !== 2 || classes !== dataset.classNames.length) {
    throw new InputError(
      `Output ${output.name} is ${output.shape?.join('x')}, but ${dataset.name} has ${dataset.classNames.length} classes`,
    );
  }
  return { input: input.name, output: output.name };
}
