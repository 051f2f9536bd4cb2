/** @file A small convolutional network for color pictures: an eighth of the weights that LeNet has there. */

import { GraphBuilder, type Model } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import type { ImageShape } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { convolution, dense, maxPool, WEIGHT_STREAM } from './layers.ts';

/** Maps of the three convolutions, and units of the layer behind them. */
const [MAPS, UNITS, KERNEL] = [[16, 32, 64], 128, 3];

/** The smallest image that leaves a pixel behind all convolutions and poolings. */
const SMALLEST = 22;

/**
 * An untrained network: three times a convolution of 3x3 (16, 32 and 64 maps), ReLU and pooling, then 128 units, ReLU, classes. 57,770
 * parameters for ten classes of 32x32 in color.
 *
 * @param shape of the images, at least 22 x 22
 * @param classes number of classes
 * @param seed of the weights
 * @returns a model from `image` (float32, `N x C x H x W`, values in [0, 1]) to `logits` (`N x classes`)
 * @throws InputError where the images are too small
 */
export function cnn(shape: ImageShape, classes: number, seed: number): Model {
  const { channels, height, width } = shape;
  if (height < SMALLEST || width < SMALLEST) {
    throw new InputError(
      `The cnn needs images of at least ${SMALLEST}x${SMALLEST} pixels, not ${width}x${height}; train an mlp instead`,
    );
  }
  const graph = new GraphBuilder('cnn');
  const random = Random.stream(seed, WEIGHT_STREAM);
  let at = graph.input('image', 'float32', ['N', channels, height, width]);
  let inputs: number = channels;
  let [rows, columns] = [height, width];
  for (const [place, outputs] of MAPS.entries()) {
    const name = `conv${place + 1}`;
    const maps = convolution(graph, at, name, { inputs, outputs, kernel: KERNEL }, random);
    at = maxPool(graph, graph.op('Relu', [maps], {}, `relu${place + 1}`), `pool${place + 1}`);
    const behind = (length: number): number => Math.floor((length - KERNEL + 1) / 2);
    [inputs, rows, columns] = [outputs, behind(rows), behind(columns)];
  }
  const flat = graph.op('Flatten', [at], { axis: 1 }, 'flat');
  const ip1 = dense(graph, flat, 'ip1', { inputs: inputs * rows * columns, outputs: UNITS }, random);
  graph.output(
    dense(graph, graph.op('Relu', [ip1], {}, 'relu4'), 'logits', { inputs: UNITS, outputs: classes }, random),
  );
  return graph.build();
}
