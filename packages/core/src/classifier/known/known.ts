/** @file Cards of published networks, which are recognized by their graph and weights. */

import type { Model } from '@pareidolia/autodiff';
import type { ModelCardInput } from '../card.ts';
import { graphDigest, weightCount, weightsDigest } from './digest.ts';

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const CIFAR = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** A published network. */
interface Published {
  /** For people. */
  readonly name: string;
  /** How many values its weights have; the digests are only taken of networks that have as many. */
  readonly weights: number;
  readonly graphDigest: string;
  readonly weightsDigest: string;
  readonly card: ModelCardInput;
}

const PUBLISHED: readonly Published[] = [
  // The paper's LeNet, converted from Caffe. Scores 99.18 % of the MNIST test set with x/256; the mean image of its deploy file only harms it (97.39 %).
  {
    name: 'the LeNet of Nguyen, Yosinski and Clune',
    weights: 431_000,
    graphDigest: '9abe36b41929453a1fd39e26ff3d3213506188a55e74902fe1cba30d88e7f985',
    weightsDigest: 'f845a8ff991c7eb20a5f3719f542d514dcbc9b8bd124230f0554ccf1aa2f5b86',
    card: {
      classNames: DIGITS,
      color: 'grey',
      range: [0, 0.99609375],
      output: 'probabilities',
      dataset: 'mnist',
      licence: 'BSD-2-Clause (Caffe)',
      source: 'https://github.com/Evolving-AI-Lab/fooling',
    },
  },
  // Advertorch's LeNet5.
  {
    name: "Advertorch's LeNet5",
    weights: 647_920,
    graphDigest: '78918d8b6106750f747b552ed2afbfa3e880e0c8cf2c6e790dc0945bc2e3d468',
    weightsDigest: '5cff7ccae84b883b5b83fce2ce6a26fdd17a47d25d2d1d5c6df6fba7f472895e',
    card: {
      classNames: DIGITS,
      color: 'grey',
      range: [0, 1],
      output: 'logits',
      dataset: 'mnist',
      licence: 'LGPL-3.0',
      source: 'https://github.com/BorealisAI/advertorch',
    },
  },
  // Advertorch's LeNet5, trained on PGD adversarial examples.
  {
    name: "Advertorch's LeNet5, adversarially trained",
    weights: 647_920,
    graphDigest: '0676bd5935f4075e74f2efc56fae13b200a028aa2b66d82ffa7a904cd42f1220',
    weightsDigest: '66c4226ebc9a4c5654345295f1362a4c903acf05264d3c92613e2a0775528b72',
    card: {
      classNames: DIGITS,
      color: 'grey',
      range: [0, 1],
      output: 'logits',
      dataset: 'mnist',
      licence: 'LGPL-3.0',
      source: 'https://github.com/BorealisAI/advertorch',
    },
  },
  // The MNIST network of the CNTK tutorials; takes raw grey levels.
  {
    name: "CNTK's MNIST network",
    weights: 5_760,
    graphDigest: '2ae594fa4da3848d1757af40a6ec4accc0db676802517904b2f1991c3abc5aa6',
    weightsDigest: '8ace2a16216e7b952094ceffdb209a62eccd94b6cb2f963918986a0c75b24762',
    card: {
      classNames: DIGITS,
      color: 'grey',
      range: [0, 255],
      output: 'logits',
      dataset: 'mnist',
      licence: 'MIT',
      source: 'https://github.com/microsoft/Windows-Machine-Learning',
    },
  },
  // SqueezeNet 1.1.
  {
    name: 'SqueezeNet 1.1',
    weights: 1_233_576,
    graphDigest: '760950620b816b918500a57849493bdba949d6aa2e1ed302de8798cb999af6f0',
    weightsDigest: '5d61f66417b1f190cefaa0f58dc7c8036ead0a6ac9a357051d4deedd55587ae4',
    card: {
      color: 'rgb',
      range: [0, 1],
      mean: [0.485, 0.456, 0.406],
      deviation: [0.229, 0.224, 0.225],
      resize: { shorterSide: 256 },
      output: 'logits',
      dataset: 'imagenet',
      licence: 'Apache-2.0',
      source: 'https://github.com/BruceDai/test-data',
    },
  },
  // SqueezeNet 1.0 of the TensorFlow Lite zoo; output 0 is the background.
  {
    name: 'SqueezeNet 1.0',
    weights: 1_246_985,
    graphDigest: '5acbc37801d4b00e65e024029955860edbaddf2ea63434d6d8dc78d996b08b70',
    weightsDigest: '39dabdd16f935895b3245885ef02e2d36c4656f119d66de7740d5ca06cd4dadf',
    card: {
      color: 'rgb',
      range: [-1, 1],
      resize: { shorterSide: 256 },
      output: 'probabilities',
      dataset: 'imagenet-with-background',
      licence: 'Apache-2.0',
      source: 'https://github.com/BruceDai/test-data',
    },
  },
  // MobileNet v1 0.25.
  {
    name: 'MobileNet v1 0.25',
    weights: 467_112,
    graphDigest: '0a5f8baecae39a34280221496b9e74b9f710d4ee50addb04d2b424599b25501b',
    weightsDigest: '28cf0b9e65b9a937c4d27b481f3a664db6eb01045a4bc45abe9094da562c448c',
    card: {
      color: 'rgb',
      range: [-1, 1],
      resize: { shorterSide: 256 },
      output: 'probabilities',
      dataset: 'imagenet',
      licence: 'Apache-2.0 (believed)',
      source: 'https://github.com/giangndonaclover/ILearnMachineLearning.js',
    },
  },
  // ResNet-20.
  {
    name: 'ResNet-20',
    weights: 268_336,
    graphDigest: '80ac1a43c8bdb0d388921767f5648a4779a8c6b4b2b31d3f1af37d409ef602f1',
    weightsDigest: '8b00a331df3fc421a96206d87a873bbf7e15e89889786148a9b9b9dca1cc97ef',
    card: {
      classNames: CIFAR,
      color: 'rgb',
      range: [0, 1],
      mean: [0.485, 0.456, 0.406],
      deviation: [0.229, 0.224, 0.225],
      output: 'logits',
      dataset: 'cifar10',
      licence: 'BSD-2-Clause',
      source: 'https://github.com/akamaster/pytorch_resnet_cifar10',
    },
  },
  // A compact convolutional transformer.
  {
    name: 'CCT-4/3x1',
    weights: 564_352,
    graphDigest: '5d044c333fedced7475c741599dffd72aaaebad549a91b9669b733d3ed65f23e',
    weightsDigest: 'a5f1d0cec784170efffbaa6d267a857b4defccb741d750dd52d47ffedfc5f4d6',
    card: {
      classNames: CIFAR,
      color: 'rgb',
      range: [0, 1],
      mean: [0.4914, 0.4822, 0.4465],
      deviation: [0.247, 0.2435, 0.2616],
      output: 'logits',
      dataset: 'cifar10',
      source: 'https://github.com/Nik212/Compact-Convolutional-Transformer',
    },
  },
];

/** A published network that a model was recognized as. */
export interface KnownNetwork {
  readonly name: string;
  /** `graph` where it is the same network; `weights` where only the weights are the same, as in a file exported again. */
  readonly by: 'graph' | 'weights';
  /** Of a network with the same weights only what its training decides: its outputs and axes may be others. */
  readonly card: ModelCardInput;
}

/**
 * The published network that a model is, whatever its names, metadata and order of nodes; `undefined` where it is none.
 *
 * @param model as it was read, before anything is changed
 */
export function knownNetwork(model: Model): KnownNetwork | undefined {
  const count = weightCount(model);
  const candidates = PUBLISHED.filter(({ weights }) => weights === count);
  if (candidates.length === 0) return undefined;
  const digest = weightsDigest(model);
  const found = candidates.find((candidate) => candidate.weightsDigest === digest);
  if (found === undefined) return undefined;
  const { name, card } = found;
  if (graphDigest(model) === found.graphDigest) return { name, by: 'graph', card };
  const { output: _, layout: __, ...trained } = card;
  return { name, by: 'weights', card: trained };
}
