/** @file Pictures to train on: each class in a folder of its own. */

import { basename, relative, resolve, sep } from 'node:path';
import {
  type Dataset,
  type ImageShape,
  InputError,
  imageSize,
  type ModelCard,
  Random,
  selectExamples,
} from '@pareidolia/core';
import type { DataSplit } from '../data/datasets.ts';
import { listPictures } from '../data/picture-files.ts';
import { readInput } from '../data/read.ts';
import { readPhotograph } from '../image/photograph.ts';
import { labelledFiles } from '../images/labelled-files.ts';

/** Pixels in memory, at most. */
const MOST_BYTES = 2 ** 31;

/** The share of the pictures of each class that is held out. */
const HELD_OUT = 1 / 12;

/** The split of the pictures is drawn from a stream of random numbers of its own. */
const SPLIT_STREAM = 0x73706c74;

/** A folder with a folder for each class. */
export interface ClassFolders {
  readonly path: string;
  /** Names of the folders, sorted. */
  readonly folders: readonly string[];
}

/**
 * The folders of classes below a folder.
 *
 * @throws InputError where pictures lie beside them, or there are fewer than two
 */
export function classFolders(path: string): ClassFolders {
  const { files } = listPictures(path);
  const parts = files.map((file) => relative(path, file).split(sep));
  const loose = parts.filter(({ length }) => length === 1).length;
  if (loose > 0) {
    throw new InputError(
      `${loose} of the ${files.length} pictures of ${path} lie in no folder that names their class; put those of each class in a folder of its own`,
    );
  }
  const folders = [...new Set(parts.map(([folder]) => folder!))].sort();
  if (folders.length < 2) {
    throw new InputError(
      `${path} has pictures of one class, ${folders[0]}; training needs at least two, each in a folder of its own`,
    );
  }
  return { path, folders };
}

/** Which of the folders name a class of a network, and which do not. */
export function matchFolders(
  { path, folders }: ClassFolders,
  classNames: readonly string[],
): { readonly known: readonly string[]; readonly unknown: readonly string[] } {
  let known: Set<string>;
  try {
    const { files } = labelledFiles(path, {}, { classNames, numClasses: classNames.length });
    known = new Set(files.filter((file) => file.label() !== undefined).map((file) => file.path.split('/')[0]!));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    known = new Set();
  }
  return { known: folders.filter((name) => known.has(name)), unknown: folders.filter((name) => !known.has(name)) };
}

/**
 * Reads all pictures, in memory, and holds some of each class out.
 *
 * @param classNames of the network that is trained: the folders' names where it learns these
 * @param card how pictures are resized
 * @param seed which are held out
 * @throws InputError where a picture cannot be read, they do not fit in memory, or a class has none to train on
 */
export async function loadClassFolders(
  { path }: ClassFolders,
  classNames: readonly string[],
  shape: ImageShape,
  card: Pick<ModelCard, 'resize'>,
  seed: number,
  signal?: AbortSignal,
): Promise<DataSplit> {
  const { files, leftOut } = labelledFiles(path, {}, { classNames, numClasses: classNames.length });
  if (leftOut[0] !== undefined) throw new InputError(`${leftOut[0]}; mend that, or take them away`);
  const size = imageSize(shape);
  if (files.length * size > MOST_BYTES) {
    throw new InputError(
      `The ${files.length} pictures of ${path} take ${((files.length * size) / 2 ** 30).toFixed(1)} GiB at the size of the network, more than the ${MOST_BYTES / 2 ** 30} that are kept in memory; give fewer`,
    );
  }
  const data = new Uint8Array(files.length * size);
  const labels = new Int32Array(files.length);
  for (const [index, file] of files.entries()) {
    signal?.throwIfAborted();
    labels[index] = file.label()!;
    const picture = { name: file.file, bytes: readInput(file.file, 'image') };
    data.set(await readPhotograph(picture, shape, card), index * size);
  }
  const { channels, height, width } = shape;
  const name = basename(resolve(path));
  const images = { channels, height, width, count: files.length, data };
  const whole: Dataset = { name: `${name}-train`, classNames, images, labels };
  const held = new Set(heldOut(labels, seed));
  const places = Array.from({ length: files.length }, (_, place) => place);
  return {
    name,
    train: selectExamples(
      whole,
      places.filter((place) => !held.has(place)),
    ),
    validation: selectExamples(
      whole,
      places.filter((place) => held.has(place)),
    ),
  };
}

/** Places of a twelfth of each class; of one of the largest class where no class has so many, and never all of a class. */
function heldOut(labels: Int32Array, seed: number): readonly number[] {
  const byClass = new Map<number, number[]>();
  for (const [place, label] of labels.entries()) {
    const own = byClass.get(label) ?? [];
    byClass.set(label, own);
    own.push(place);
  }
  const groups = [...byClass].sort(([one], [other]) => one - other);
  const held = groups.flatMap(([label, places]) => {
    const order = Random.stream(seed, SPLIT_STREAM, label).shuffle(Uint32Array.from(places));
    return [...order.subarray(0, Math.floor(places.length * HELD_OUT))];
  });
  if (held.length > 0) return held;
  const largest = groups.reduce((best, group) => (group[1].length > best[1].length ? group : best))[1];
  if (largest.length < 2) {
    throw new InputError('Every class has one picture alone, and none can be held out; give at least two of a class');
  }
  return [largest.at(-1)!];
}
