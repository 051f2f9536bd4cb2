/** @file Perceptrons against each other, the first networks of this kind (Goodfellow et al. 2014, arXiv:1406.2661). */

import { InputError } from '../../../errors.ts';
import { imageSize } from '../../../image/images.ts';
import { dense } from '../../layers.ts';
import type { GanArchitecture } from './architecture.ts';
import { leakyRelu } from './layers.ts';

/** Pixels of an image, at most, channels counted. */
const MOST = 64 * 64 * 3;

/** Two hidden layers each: ReLU in the generator, LeakyReLU in the discriminator. {@link GanWanted.width} is the units of each. */
export const mlp: GanArchitecture = {
  name: 'mlp',
  summary: 'perceptrons with two hidden layers; images of any shape, up to 64 x 64 in color',
  width: 256,
  requireShape(shape) {
    if (imageSize(shape) <= MOST) return;
    throw new InputError(
      `mlp makes images of up to 64x64 pixels in color, not ${shape.width}x${shape.height}; resize them, or give --architecture dcgan`,
    );
  },
  largestLayer: ({ shape, width, latent, classes = 0 }) => width * Math.max(latent + classes, width, imageSize(shape)),
  pixels(graph, seed, { shape, width }, random) {
    const hidden1 = dense(graph, seed.name, 'hidden1', { inputs: seed.size, outputs: width }, random);
    const relu1 = graph.op('Relu', [hidden1], {}, 'relu1');
    const hidden2 = dense(graph, relu1, 'hidden2', { inputs: width, outputs: width }, random);
    const relu2 = graph.op('Relu', [hidden2], {}, 'relu2');
    const pixels = dense(graph, relu2, 'pixels', { inputs: width, outputs: imageSize(shape) }, random);
    const image = [0, shape.channels, shape.height, shape.width];
    return graph.op('Reshape', [pixels, graph.ints(image)], {}, 'pixels_image');
  },
  features(graph, image, { shape, width }, random) {
    const flat = graph.op('Flatten', [image], { axis: 1 }, 'flat');
    const hidden1 = dense(graph, flat, 'hidden1', { inputs: imageSize(shape), outputs: width }, random);
    const leaky1 = leakyRelu(graph, hidden1, 'leaky1');
    const hidden2 = dense(graph, leaky1, 'hidden2', { inputs: width, outputs: width }, random);
    return { name: leakyRelu(graph, hidden2, 'leaky2'), size: width };
  },
};
