/** @file Labelled images, and the ways to walk through them. */

import { InputError } from '../errors.ts';
import { type ImageShape, type Images, imageSize } from '../image/images.ts';
import type { Random } from '../random/random.ts';

/** Labelled images in memory. */
export interface Dataset {
  /** For messages and the record of a run, for example `mnist-train`. */
  readonly name: string;
  /** Names of the classes; class `c` is called `classNames[c]`. */
  readonly classNames: readonly string[];
  readonly images: Images;
  /** The class of each image, `images.count` values in `0 .. classNames.length - 1`. */
  readonly labels: Int32Array;
}

/** The shape of a dataset's images. */
export function datasetShape(dataset: Dataset): ImageShape {
  const { channels, height, width } = dataset.images;
  return { channels, height, width };
}

/**
 * The examples `from .. to` (exclusive) as a view on the same memory.
 *
 * @throws InputError where the range is not inside the dataset
 */
export function sliceDataset(dataset: Dataset, from: number, to: number): Dataset {
  const { images, labels } = dataset;
  if (!(from >= 0 && from <= to && to <= images.count)) {
    throw new InputError(`Examples ${from} to ${to} are not in ${dataset.name}, which holds ${images.count}`);
  }
  const size = imageSize(images);
  return {
    ...dataset,
    images: { ...images, count: to - from, data: images.data.subarray(from * size, to * size) },
    labels: labels.subarray(from, to),
  };
}

/** A copy of the examples at the given positions, in that order. */
export function selectExamples(dataset: Dataset, positions: ArrayLike<number>): Dataset {
  const size = imageSize(dataset.images);
  const count = positions.length;
  const data = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const position = positions[i]!;
    data.set(dataset.images.data.subarray(position * size, (position + 1) * size), i * size);
    labels[i] = dataset.labels[position]!;
  }
  return { ...dataset, images: { ...dataset.images, count, data }, labels };
}

/**
 * Walks once through a dataset in random order.
 *
 * @param size examples in a batch
 * @param random decides the order
 * @yields batches of `size` examples; the last one is smaller where `size` does not divide the count
 */
export function* shuffledBatches(dataset: Dataset, size: number, random: Random): Generator<Dataset, void, void> {
  const order = random.shuffle(Uint32Array.from({ length: dataset.images.count }, (_, position) => position));
  for (let from = 0; from < order.length; from += size) {
    yield selectExamples(dataset, order.subarray(from, from + size));
  }
}
