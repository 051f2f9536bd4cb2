/** @file Where the images of a quiz come from. */

import { argmax, type Classifier, type Images, imageSize, scoresOf } from '@pareidolia/core';

/** An image that the network answers with its class. */
export interface QuizImage {
  readonly classIndex: number;
  /** Of the network in this class. */
  readonly confidence: number;
  /** `C x H x W`, 8 bits. */
  readonly planes: Uint8Array;
}

/** Makes one image after the other, the same ones for the same seed, however long that takes. */
export interface ImageSource {
  /** The most images that the network has to be shown for the next one, one whose gradient is taken counted as three. */
  readonly most: number;
  /** @throws InputError where none is found that the network answers with its class */
  next(): Promise<QuizImage>;
  /** Frees what it holds. */
  dispose(): Promise<void>;
}

/** Classes of a network that images can be made for: the one that stands for what a detector refuses is none. */
export function namedClasses(network: Pick<Classifier, 'classNames'>, refusedClass: number | undefined): number[] {
  return [...network.classNames.keys()].filter((label) => label !== refusedClass);
}

/** What a network answers to each image, and how certain it is. */
export async function answersTo(
  network: Classifier,
  images: Images,
): Promise<readonly { readonly classIndex: number; readonly confidence: number }[]> {
  const scores = await network.predict(images);
  return Array.from({ length: images.count }, (_, place) => {
    const row = scoresOf(scores, place);
    const classIndex = argmax(row);
    return { classIndex, confidence: row[classIndex]! };
  });
}

/** One image as a batch. */
export function batchOfOne({ shape }: Pick<Classifier, 'shape'>, planes: Uint8Array): Images {
  const { channels, height, width } = shape;
  return { channels, height, width, count: 1, data: planes };
}

/** The planes of an image of a batch. */
export function planesAt(images: Images, place: number): Uint8Array {
  const size = imageSize(images);
  return images.data.slice(place * size, (place + 1) * size);
}
