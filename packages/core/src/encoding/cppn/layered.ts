/** @file CPPNs in layers: as many weights from the start as a gradient can make use of. */

import type { Random } from '../../random/random.ts';
import { ACTIVATIONS, type Activation, blankCppn, type CppnGenome, INPUTS, LARGEST_WEIGHT } from './genome.ts';

/** What a network in layers is made of. */
export interface LayeredOptions {
  readonly outputs: 1 | 3;
  /** Hidden nodes in each layer. */
  readonly width: number;
  /** Hidden layers, at least 1. */
  readonly layers: number;
  /** Weights from the inputs are uniform in -inputWeight .. inputWeight: how fine the pattern is. */
  readonly inputWeight: number;
  /** No weight is larger. */
  readonly weightLimit: number;
}

/** The functions of a first network. The others are flat where their sums are large, so that no gradient passes. */
const FUNCTIONS: readonly Activation[] = ['sine', 'gaussian'];

/** Weights between layers are uniform with this deviation of a node's sum where its sources have a mean square of 1. */
const DEVIATION = 2;

/**
 * Every hidden node draws on all inputs and on all nodes of the layer below, every output on the bias and the last layer.
 *
 * @throws RangeError where there is no hidden layer
 */
export function layeredCppn(
  { outputs, width, layers, inputWeight, weightLimit }: LayeredOptions,
  random: Random,
): CppnGenome {
  if (!(layers >= 1 && width >= 1)) throw new RangeError('A CPPN in layers has one layer of one node at least');
  const { length } = INPUTS;
  const hidden = layers * width;
  const links = hidden * length + (layers - 1) * width * width + outputs * (1 + width);
  const genome = blankCppn(outputs, hidden + outputs, links);
  let link = 0;
  const add = (source: number, largest: number): void => {
    genome.sources[link] = source;
    genome.weights[link++] = Math.min(weightLimit, LARGEST_WEIGHT, largest) * (2 * random.uniform() - 1);
  };
  // A uniform number has a third of its bound's square as variance.
  const bound = (deviation: number): number => deviation * Math.sqrt(3 / width);
  for (let node = 0; node < hidden + outputs; node++) {
    const start = link;
    const isOutput = node >= hidden;
    if (isOutput) add(length - 1, 1);
    else for (let input = 0; input < length; input++) add(input, inputWeight);
    const layer = isOutput ? layers : Math.floor(node / width);
    for (let i = 0; layer > 0 && i < width; i++) add(length + (layer - 1) * width + i, bound(isOutput ? 1 : DEVIATION));
    genome.linkCounts[node] = link - start;
    genome.activations[node] = ACTIVATIONS.indexOf(FUNCTIONS[random.integer(FUNCTIONS.length)]!);
  }
  return genome;
}
