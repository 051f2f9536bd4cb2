/** @file LeNet as Caffe has it (`examples/mnist/lenet.prototxt`), the paper's network for MNIST. */

import { GraphBuilder, type Model } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import type { ImageShape } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { convolution, dense, maxPool, WEIGHT_STREAM } from './layers.ts';

const KERNEL = 5;

/** The smallest image that leaves a pixel behind both convolutions and poolings. */
const SMALLEST = 16;

/**
 * An untrained LeNet: 20 maps of 5x5, pooling, 50 maps of 5x5, pooling, 500 units, ReLU, classes. As in Caffe, there is
 * no nonlinearity behind the convolutions but the pooling. 431,080 parameters for MNIST.
 *
 * @param shape of the images, at least 16 x 16
 * @param classes number of classes
 * @param seed of the weights
 * @returns a model from `image` (float32, `N x C x H x W`, values in [0, 1]) to `logits` (`N x classes`)
 * @throws InputError where the images are too small
 */
export function lenet(shape: ImageShape, classes: number, seed: number): Model {
  const { channels, height, width } = shape;
  if (height < SMALLEST || width < SMALLEST) {
    throw new InputError(`LeNet needs images of at least 16x16 pixels, not ${width}x${height}; train an mlp instead`);
  }
  const behind = (length: number): number => Math.floor((length - KERNEL + 1) / 2);
  const features = 50 * behind(behind(height)) * behind(behind(width));
  const graph = new GraphBuilder('lenet');
  const random = Random.stream(seed, WEIGHT_STREAM);
  const image = graph.input('image', 'float32', ['N', channels, height, width]);
  const conv1 = convolution(graph, image, 'conv1', { inputs: channels, outputs: 20, kernel: KERNEL }, random);
  const pool1 = maxPool(graph, conv1, 'pool1');
  const conv2 = convolution(graph, pool1, 'conv2', { inputs: 20, outputs: 50, kernel: KERNEL }, random);
  const flat = graph.op('Flatten', [maxPool(graph, conv2, 'pool2')], { axis: 1 }, 'flat');
  const ip1 = dense(graph, flat, 'ip1', { inputs: features, outputs: 500 }, random);
  const relu1 = graph.op('Relu', [ip1], {}, 'relu1');
  graph.output(dense(graph, relu1, 'logits', { inputs: 500, outputs: classes }, random));
  return graph.build();
}
