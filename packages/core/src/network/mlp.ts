/** @file Multi-layer perceptrons. */

import { GraphBuilder, type Model } from '@pareidolia/autodiff';
import { type ImageShape, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { dense, WEIGHT_STREAM } from './layers.ts';

/**
 * An untrained perceptron with ReLU behind each hidden layer; without hidden layers it is softmax regression.
 *
 * @param shape of the images
 * @param hidden units of each hidden layer
 * @param classes number of classes
 * @param seed of the weights
 * @returns a model from `image` (float32, `N x C x H x W`, values in [0, 1]) to `logits` (`N x classes`)
 */
export function mlp(shape: ImageShape, hidden: readonly number[], classes: number, seed: number): Model {
  const graph = new GraphBuilder('mlp');
  const random = Random.stream(seed, WEIGHT_STREAM);
  const image = graph.input('image', 'float32', ['N', shape.channels, shape.height, shape.width]);
  let value = graph.op('Flatten', [image], { axis: 1 }, 'flat');
  let inputs = imageSize(shape);
  hidden.forEach((outputs, index) => {
    const layer = dense(graph, value, `hidden${index + 1}`, { inputs, outputs }, random);
    value = graph.op('Relu', [layer], {}, `relu${index + 1}`);
    inputs = outputs;
  });
  graph.output(dense(graph, value, 'logits', { inputs, outputs: classes }, random));
  return graph.build();
}
