/** @file Maxout networks, in which units learn their own nonlinearity. */

import { GraphBuilder, type Model } from '@pareidolia/autodiff';
import { type ImageShape, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { dense, WEIGHT_STREAM } from './layers.ts';

/** What a maxout network consists of. */
export interface MaxoutSizes {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  /** Linear functions of its input that each unit takes the largest of. */
  readonly pieces: number;
}

/** The network of Goodfellow et al. 2013 for MNIST without use of its geometry: two layers of 240 units with 5 pieces. */
export const MAXOUT: MaxoutSizes = { hidden: [240, 240], pieces: 5 };

/**
 * An untrained maxout network (Goodfellow, Warde-Farley, Mirza, Courville and Bengio 2013, arXiv 1302.4389, section 3):
 * h_i = max_j (x W_ij + b_ij). The paper trains with dropout, for which there is nothing here.
 *
 * @param shape of the images
 * @param sizes of the layers
 * @param classes number of classes
 * @param seed of the weights
 * @returns a model from `image` (float32, `N x C x H x W`, values in [0, 1]) to `logits` (`N x classes`)
 */
export function maxout(shape: ImageShape, { hidden, pieces }: MaxoutSizes, classes: number, seed: number): Model {
  const graph = new GraphBuilder('maxout');
  const random = Random.stream(seed, WEIGHT_STREAM);
  const image = graph.input('image', 'float32', ['N', shape.channels, shape.height, shape.width]);
  let value = graph.op('Flatten', [image], { axis: 1 }, 'flat');
  let inputs = imageSize(shape);
  hidden.forEach((units, index) => {
    const layer = dense(graph, value, `hidden${index + 1}`, { inputs, outputs: units * pieces }, random);
    // A unit's pieces lie side by side: ONNX Runtime finds the place of a maximum fastest along the last axis.
    const grouped = graph.op('Reshape', [layer, graph.ints([-1, units, pieces])], {}, `pieces${index + 1}`);
    value = graph.op('ReduceMax', [grouped, graph.ints([2])], { keepdims: 0 }, `maxout${index + 1}`);
    inputs = units;
  });
  graph.output(dense(graph, value, 'logits', { inputs, outputs: classes }, random));
  return graph.build();
}
