/** @file What is usually done to pixels before a network gets them. */

import type { ModelCard, ModelCardInput } from '../classifier/card.ts';

/** The fields of a card that say what becomes of pixels. */
export type PixelFields = Pick<ModelCardInput, 'range' | 'mean' | 'deviation' | 'color'>;

/** A preprocessing with its name. */
export interface Preprocessing {
  /** In words: `mean and deviation of ImageNet`. */
  readonly title: string;
  /** All four fields where they differ from a card's defaults. */
  readonly card: PixelFields & Pick<ModelCardInput, 'resize'>;
}

/** For networks of color images. */
const COLOR: readonly Preprocessing[] = [
  { title: 'range [0, 1]', card: { range: [0, 1] } },
  { title: 'range [0, 255]', card: { range: [0, 255] } },
  // Inception, MobileNet, and most of TensorFlow.
  { title: 'range [-1, 1]', card: { range: [-1, 1] } },
  // PyTorch: torchvision, timm.
  {
    title: 'mean and deviation of ImageNet',
    card: { range: [0, 1], mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
  },
  {
    title: 'mean and deviation of CIFAR-10',
    card: { range: [0, 1], mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616] },
  },
  // VGG and ResNet of Caffe, and of Keras.
  {
    title: "Caffe's mean of ImageNet, in the order BGR",
    card: { range: [0, 255], mean: [103.939, 116.779, 123.68], color: 'bgr' },
  },
];

/** For networks of grey images. */
const GREY: readonly Preprocessing[] = [
  { title: 'range [0, 1]', card: { range: [0, 1] } },
  { title: 'range [0, 255]', card: { range: [0, 255] } },
  { title: 'range [-1, 1]', card: { range: [-1, 1] } },
  { title: 'mean and deviation of MNIST', card: { range: [0, 1], mean: 0.1307, deviation: 0.3081 } },
  { title: 'range [0, 1], inverted', card: { range: [1, 0] } },
];

/** The usual preprocessings of networks that take so many channels. */
export function usualPreprocessings(channels: 1 | 3): readonly Preprocessing[] {
  return channels === 1 ? GREY : COLOR;
}

/** The same with red and blue, or black and white, in each other's place. */
export function mirrored({ title, card }: Preprocessing, channels: 1 | 3): Preprocessing {
  if (channels === 1) {
    const [black, white] = card.range ?? [0, 1];
    return { title: `${title}, inverted`, card: { ...card, range: [white, black] } };
  }
  const { color, mean, deviation, ...others } = card;
  const turned = (value: PixelFields['mean']): PixelFields['mean'] =>
    Array.isArray(value) ? [...value].reverse() : value;
  return {
    title: `${title.replace(/, in the order BGR$/, '')}, in the order ${color === 'bgr' ? 'RGB' : 'BGR'}`,
    card: {
      ...others,
      ...(mean === undefined ? {} : { mean: turned(mean) }),
      ...(deviation === undefined ? {} : { deviation: turned(deviation) }),
      color: color === 'bgr' ? 'rgb' : 'bgr',
    },
  };
}

/** What a card in force does to pixels, with the usual name where it has one. */
export function preprocessingOf(card: ModelCard, channels: 1 | 3): Preprocessing {
  const { range, mean, deviation, color } = card;
  const own: PixelFields = { range, mean, deviation, ...(color === undefined ? {} : { color }) };
  const usual = usualPreprocessings(channels).find((one) => isSame(one.card, own));
  return { title: usual?.title ?? "the card's own", card: own };
}

/** Whether two preprocessings give the same values. */
export function isSame(one: PixelFields, other: PixelFields): boolean {
  return normal(one) === normal(other);
}

function normal({ range = [0, 1], mean = 0, deviation = 1, color }: PixelFields): string {
  const each = (value: number | readonly number[]): readonly number[] =>
    typeof value === 'number' ? [value, value, value] : value.length === 1 ? [value[0]!, value[0]!, value[0]!] : value;
  return JSON.stringify([range, each(mean), each(deviation), color === 'bgr']);
}
