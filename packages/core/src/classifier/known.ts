/** @file Cards of published networks, recognized by the SHA-256 of the file. */

import { type ModelCard, type ModelCardInput, parseCard } from './card.ts';

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const CIFAR = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

const CARDS: Readonly<Record<string, ModelCardInput>> = {
  // The paper's LeNet, converted from Caffe. Scores 99.18 % of the MNIST test set with x/256; the mean image of its deploy file only harms it (97.39 %).
  '4877a86336fd7e8902ae805078bcb8ea4d2a1cfd0f7a2d2a665b836408f0736b': {
    classNames: DIGITS,
    color: 'grey',
    range: [0, 0.99609375],
    output: 'probabilities',
    dataset: 'mnist',
    licence: 'BSD-2-Clause (Caffe)',
    source: 'https://github.com/Evolving-AI-Lab/fooling',
  },
  // Advertorch's LeNet5.
  a856b2db26bc76c249f6ffbf478a656711a47693647255b9712dfb22acb5c90b: {
    classNames: DIGITS,
    color: 'grey',
    range: [0, 1],
    output: 'logits',
    dataset: 'mnist',
    licence: 'LGPL-3.0',
    source: 'https://github.com/BorealisAI/advertorch',
  },
  // Advertorch's LeNet5, trained on PGD adversarial examples.
  a297885c1e1cbd31f893b8b1d72f42b1f5f2e20d3d97346cf67d8f1768b009fc: {
    classNames: DIGITS,
    color: 'grey',
    range: [0, 1],
    output: 'logits',
    dataset: 'mnist',
    licence: 'LGPL-3.0',
    source: 'https://github.com/BorealisAI/advertorch',
  },
  // The MNIST network of the CNTK tutorials; takes raw grey levels.
  bd5891fdd7987910bfc3d8fc9a697a88e48309e26e529faa87931fba52904fe8: {
    classNames: DIGITS,
    color: 'grey',
    range: [0, 255],
    output: 'logits',
    dataset: 'mnist',
    licence: 'MIT',
    source: 'https://github.com/microsoft/Windows-Machine-Learning',
  },
  // SqueezeNet 1.1.
  '93553a567c64c6bac9a3b57941689a623f6b34bd768a1fd51bcbe72dc62764fd': {
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
  // SqueezeNet 1.0 of the TensorFlow Lite zoo; output 0 is the background.
  '5da9fc26a1b78a18cdfce63a62fcc74206bc78c8fdb27d224e25dffa4037953a': {
    color: 'rgb',
    range: [-1, 1],
    resize: { shorterSide: 256 },
    output: 'probabilities',
    dataset: 'imagenet-with-background',
    licence: 'Apache-2.0',
    source: 'https://github.com/BruceDai/test-data',
  },
  // MobileNet v1 0.25.
  '3bfe35567da407a56a2f410b32c50b3c71a701f6294e65c475b171b0fe416867': {
    color: 'rgb',
    range: [-1, 1],
    resize: { shorterSide: 256 },
    output: 'probabilities',
    dataset: 'imagenet',
    licence: 'Apache-2.0 (believed)',
    source: 'https://github.com/giangndonaclover/ILearnMachineLearning.js',
  },
  // ResNet-20.
  '5a48913944b2f35b66ea854cd8737bdf95b59a7a04e1fbd51788b0c647a72e00': {
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
  // A compact convolutional transformer.
  '048c779cfe82e4291f6bd9332916801734ee611c648be9eb7a2e914321371ac1': {
    classNames: CIFAR,
    color: 'rgb',
    range: [0, 1],
    mean: [0.4914, 0.4822, 0.4465],
    deviation: [0.247, 0.2435, 0.2616],
    output: 'logits',
    dataset: 'cifar10',
    source: 'https://github.com/Nik212/Compact-Convolutional-Transformer',
  },
};

/**
 * The card of a published network.
 *
 * @param sha256 of the model file, in hexadecimal
 */
export function knownCard(sha256: string): ModelCard | undefined {
  const card = CARDS[sha256];
  return card === undefined ? undefined : parseCard({ ...card, sha256 });
}
