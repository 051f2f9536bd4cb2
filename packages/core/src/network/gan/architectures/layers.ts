/** @file Layers that only networks against each other have. */

import type { GraphBuilder } from '@pareidolia/autodiff';
import type { Random } from '../../../random/random.ts';
import { dense } from '../../layers.ts';
import { GAN_NAMES, type GanWanted, type Row } from './architecture.ts';

/** Windows that halve an even side, or double it: 4 x 4, stride 2, one pixel of padding (DCGAN). */
const HALVING = { kernel_shape: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] } as const;

/** Deviation of the first weights (Radford, Metz and Chintala 2016, arXiv:1511.06434, section 4). */
const DEVIATION = 0.02;

/** Of LeakyReLU for negative numbers. */
const SLOPE = 0.2;

/** What keeps the variance of values through LeakyReLU (He et al. 2015, arXiv:1502.01852, equation 14). */
export function keepingVariance(fanIn: number): number {
  return Math.sqrt(2 / ((1 + SLOPE ** 2) * fanIn));
}

function normal(count: number, mean: number, random: Random, deviation = DEVIATION): Float32Array {
  return Float32Array.from({ length: count }, () => mean + deviation * random.normal());
}

/**
 * A convolution that halves the sides, or a transposed one that doubles them.
 *
 * @param opType `Conv` or `ConvTranspose`
 * @param input `N x inputs x H x W`
 * @param name of the layer; its parameters are `name.weight` and, with a bias, `name.bias`
 */
export function scaling(
  graph: GraphBuilder,
  opType: 'Conv' | 'ConvTranspose',
  input: string,
  name: string,
  sizes: {
    readonly inputs: number;
    readonly outputs: number;
    readonly bias: boolean;
    /** Of the first weights, where it is not DCGAN's. */
    readonly deviation?: number;
  },
  random: Random,
): string {
  const { inputs, outputs, bias, deviation } = sizes;
  const [first, second] = opType === 'Conv' ? [outputs, inputs] : [inputs, outputs];
  const weight = graph.initializer(`${name}.weight`, {
    type: 'float32',
    dims: [first, second, 4, 4],
    data: normal(first * second * 16, 0, random, deviation),
  });
  const zeros = bias
    ? [graph.initializer(`${name}.bias`, { type: 'float32', dims: [outputs], data: new Float32Array(outputs) })]
    : [];
  return graph.op(opType, [input, weight, ...zeros], { ...HALVING }, name);
}

/**
 * Batch normalization (Ioffe and Szegedy 2015) with PyTorch's epsilon and momentum.
 *
 * @param input `N x channels x ...`
 * @param name of the layer; its constants are `name.scale`, `name.bias`, `name.mean` and `name.variance`
 */
export function batchNormalization(
  graph: GraphBuilder,
  input: string,
  name: string,
  channels: number,
  random: Random,
): string {
  const constant = (part: string, data: Float32Array): string =>
    graph.initializer(`${name}.${part}`, { type: 'float32', dims: [channels], data });
  const constants = [
    constant('scale', normal(channels, 1, random)),
    constant('bias', new Float32Array(channels)),
    constant('mean', new Float32Array(channels)),
    constant('variance', new Float32Array(channels).fill(1)),
  ];
  return graph.op('BatchNormalization', [input, ...constants], { epsilon: 1e-5, momentum: 0.9 }, name);
}

/** `max(x, .2 x)`, as DCGAN's discriminator has it. */
export function leakyRelu(graph: GraphBuilder, input: string, name: string): string {
  return graph.op('LeakyRelu', [input], { alpha: SLOPE }, name);
}

/** Adds the input of classes as rows of zeros with a one, `N x classes`. */
function oneHot(graph: GraphBuilder, classes: number): string {
  const label = graph.input(GAN_NAMES.label, 'int64', ['N']);
  const all = graph.ints(Array.from({ length: classes }, (_, index) => index));
  const rows = graph.op('Unsqueeze', [label, graph.ints([1])], {}, 'label_rows');
  return graph.op('Cast', [graph.op('Equal', [rows, all])], { to: 1 }, 'label_one_hot');
}

/**
 * What a generator begins with: a latent vector, and behind it, where it is conditional, its class (Mirza and Osindero 2014,
 * arXiv:1411.1784).
 */
export function seedOf(graph: GraphBuilder, { latent, classes }: GanWanted): Row {
  const z = graph.input(GAN_NAMES.latent, 'float32', ['N', latent]);
  if (classes === undefined) return { name: z, size: latent };
  return { name: graph.op('Concat', [z, oneHot(graph, classes)], { axis: 1 }, 'seed'), size: latent + classes };
}

/**
 * What a discriminator ends with: a linear function of its features, and where it is conditional their product with a row of
 * weights for the class (Miyato and Koyama 2018, arXiv:1802.05637).
 */
export function verdict(
  graph: GraphBuilder,
  { name: features, size: inputs }: Row,
  { classes }: GanWanted,
  random: Random,
): void {
  const plain = dense(
    graph,
    features,
    classes === undefined ? GAN_NAMES.logit : 'verdict',
    { inputs, outputs: 1 },
    random,
  );
  if (classes === undefined) {
    graph.output(plain);
    return;
  }
  const weight = graph.initializer('projection.weight', {
    type: 'float32',
    dims: [classes, inputs],
    data: normal(classes * inputs, 0, random),
  });
  const own = graph.op('MatMul', [oneHot(graph, classes), weight], {}, 'projection');
  const along = graph.op(
    'ReduceSum',
    [graph.op('Mul', [features, own]), graph.ints([1])],
    { keepdims: 1 },
    'agreement',
  );
  graph.output(graph.op('Add', [plain, along], {}, GAN_NAMES.logit));
}
