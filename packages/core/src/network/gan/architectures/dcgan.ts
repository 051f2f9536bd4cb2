/** @file Deep convolutional networks against each other (Radford, Metz and Chintala 2016, arXiv:1511.06434). */

import { InputError } from '../../../errors.ts';
import type { ImageShape } from '../../../image/images.ts';
import { dense } from '../../layers.ts';
import type { GanArchitecture } from './architecture.ts';
import { batchNormalization, keepingVariance, leakyRelu, scaling } from './layers.ts';

/** Sides are halved down to this at least. */
const SMALLEST = 4;

/** More pixels a side would take days. */
const LARGEST = 128;

/** How often the sides of an image can be halved. */
function halvings({ height, width }: ImageShape): number {
  let count = 0;
  for (let side = [height, width]; side.every((each) => each % 2 === 0 && each / 2 >= SMALLEST); count++) {
    side = side.map((each) => each / 2);
  }
  return count;
}

/** Channels from the smallest side to the largest: they double with each halving, up to eight times the width. */
function channelsOf(shape: ImageShape, width: number): readonly number[] {
  const count = halvings(shape);
  return Array.from({ length: count }, (_, index) => width * Math.min(8, 2 ** (count - 1 - index)));
}

/**
 * The generator grows a small image by transposed convolutions with batch normalization and ReLU; the discriminator shrinks an image by convolutions with LeakyReLU, normalized but for the first. No pooling, no hidden full layers. {@link
 * GanWanted.width} is the number of channels at half the image's size.
 */
export const dcgan: GanArchitecture = {
  name: 'dcgan',
  summary: 'convolutions that halve and double the sides, batch normalization; sides of 16 to 128 that 4 divides',
  width: 32,
  requireShape(shape) {
    const { height, width } = shape;
    if (halvings(shape) >= 2 && height <= LARGEST && width <= LARGEST) return;
    throw new InputError(
      `dcgan makes images whose sides are multiples of 4 from 16 to ${LARGEST}, not ${width}x${height}; resize them, or give --architecture mlp`,
    );
  },
  largestLayer({ shape, width, latent, classes = 0 }) {
    const channels = channelsOf(shape, width);
    const pixels = (shape.height * shape.width) / 4 ** channels.length;
    return Math.max((latent + classes) * channels[0]! * pixels, 16 * channels[0]! * channels[1]!);
  },
  pixels(graph, seed, { shape, width }, random) {
    const channels = channelsOf(shape, width);
    const scale = 2 ** channels.length;
    const [height, breadth] = [shape.height / scale, shape.width / scale];
    const pixels = height * breadth;
    const first = dense(graph, seed.name, 'project', { inputs: seed.size, outputs: channels[0]! * pixels }, random);
    let value = graph.op('Reshape', [first, graph.ints([0, channels[0]!, height, breadth])], {}, 'project_image');
    channels.forEach((inputs, index) => {
      const normal = batchNormalization(graph, value, `norm${index}`, inputs, random);
      const relu = graph.op('Relu', [normal], {}, `relu${index}`);
      const outputs = channels[index + 1];
      const sizes = { inputs, outputs: outputs ?? shape.channels, bias: outputs === undefined };
      value = scaling(graph, 'ConvTranspose', relu, `up${index + 1}`, sizes, random);
    });
    return value;
  },
  features(graph, image, { shape, width, apart }, random) {
    const channels = [...channelsOf(shape, width)].reverse();
    let value = image;
    let inputs: number = shape.channels;
    channels.forEach((outputs, index) => {
      const normalized = index > 0 && !apart;
      // Nothing else brings the values to a size where nothing is normalized.
      const deviation = apart ? { deviation: keepingVariance(16 * inputs) } : {};
      const sizes = { inputs, outputs, bias: !normalized, ...deviation };
      value = scaling(graph, 'Conv', value, `down${index + 1}`, sizes, random);
      if (normalized) value = batchNormalization(graph, value, `norm${index + 1}`, outputs, random);
      value = leakyRelu(graph, value, `leaky${index + 1}`);
      inputs = outputs;
    });
    const scale = 4 ** channels.length;
    const name = graph.op('Flatten', [value], { axis: 1 }, 'features');
    return { name, size: (inputs * shape.height * shape.width) / scale };
  },
};
