/** @file The images that a generator learns: a dataset by name or in files, or a folder of pictures, with or without classes. */

import { statSync } from 'node:fs';
import { basename, relative, resolve, sep } from 'node:path';
import { type Dataset, type ImageShape, InputError, imageSize, Random, selectExamples } from '@pareidolia/core';
import { type DataSplit, isDataset, loadData } from '../data/datasets.ts';
import { listPictures } from '../data/picture-files.ts';
import { readInput } from '../data/read.ts';
import { readPhotograph } from '../image/photograph.ts';
import type { GeneratorTrainingSettings } from './settings.ts';

/** Fewer pictures than this are learned by heart. */
const FEWEST = 200;

/** Pixels in memory, at most. */
const MOST_BYTES = 2 ** 31;

/** The share of the pictures that is held out. */
const HELD_OUT = 1 / 12;

/** Which pictures are held out comes from a stream of random numbers of its own. */
const SPLIT_STREAM = 0x67616e64;

/** The side of pictures when the user gives none. */
const SIDE = 32;

/** Other names of datasets. */
const ALIASES: Readonly<Record<string, string>> = { fashion: 'fashion-mnist' };

/**
 * @param seed which digits are drawn, and which pictures are held out
 * @throws InputError where there are no such images, too few of them, or no classes where some are needed; the signal's reason
 */
export async function loadPictures(
  {
    data,
    size,
    conditional = false,
  }: Pick<GeneratorTrainingSettings, 'data' | 'size'> & { readonly conditional?: boolean },
  seed: number,
  signal: AbortSignal,
): Promise<DataSplit> {
  const name = ALIASES[data] ?? data;
  const split = isDataset(name)
    ? await loadData(name, seed, signal)
    : await picturesIn(data, size ?? SIDE, seed, signal);
  const { train } = split;
  if (isDataset(name) && size !== undefined) {
    throw new InputError(
      `--size belongs to a folder of pictures; those of ${data} are ${train.images.width}x${train.images.height}, leave it out`,
    );
  }
  if (train.images.count < FEWEST) {
    throw new InputError(
      `${data} has ${train.images.count} images to learn from, besides those held out; a generator needs at least ${FEWEST}, and thousands to make others than these`,
    );
  }
  if (conditional && train.classNames.length < 2) {
    throw new InputError(
      `--conditional needs images of at least two classes, each in a folder of its own; ${data} has none`,
    );
  }
  return split;
}

/** Pictures below a folder; their classes are the folders in it, one class where pictures lie beside them. */
async function picturesIn(path: string, side: number, seed: number, signal: AbortSignal): Promise<DataSplit> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(
      `There are no data ${path}; give digits, things, mnist, fashion-mnist, cifar10, a folder of such files, or a folder of pictures`,
    );
  }
  const { files } = listPictures(path);
  if (files.length < FEWEST) {
    throw new InputError(
      `${path} holds ${files.length} pictures; a generator needs at least ${FEWEST}, and thousands to make others than these`,
    );
  }
  const shape: ImageShape = { channels: 3, height: side, width: side };
  const each = imageSize(shape);
  if (files.length * each > MOST_BYTES) {
    throw new InputError(
      `${path} holds ${files.length} pictures, of which ${Math.floor(MOST_BYTES / each)} of ${side}x${side} fit in memory; give fewer, or a smaller --size`,
    );
  }
  const parts = files.map((file) => relative(path, file).split(sep));
  const apart = parts.every(({ length }) => length > 1);
  const classNames = apart ? [...new Set(parts.map(([folder]) => folder!))].sort() : [basename(resolve(path))];
  const places = new Map(classNames.map((name, place) => [name, place]));
  const data = new Uint8Array(files.length * each);
  const labels = new Int32Array(files.length);
  for (const [index, file] of files.entries()) {
    signal.throwIfAborted();
    data.set(await readPhotograph({ name: file, bytes: readInput(file, 'image') }, shape, {}), index * each);
    labels[index] = apart ? places.get(parts[index]![0]!)! : 0;
  }
  const name = basename(resolve(path));
  const images = { ...shape, count: files.length, data };
  const whole: Dataset = { name: `${name}-train`, classNames, images, labels };
  const order = Random.stream(seed, SPLIT_STREAM).shuffle(Uint32Array.from(files, (_, place) => place));
  const held = Math.max(2, Math.round(files.length * HELD_OUT));
  return {
    name,
    train: selectExamples(whole, order.subarray(held)),
    validation: selectExamples(whole, order.subarray(0, held)),
  };
}
