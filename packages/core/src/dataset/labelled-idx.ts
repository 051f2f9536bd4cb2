/** @file Two IDX files, images and labels, as a dataset. */

import { InputError } from '../errors.ts';
import type { Dataset } from './dataset.ts';
import { type Idx, parseIdx } from './idx.ts';

/** A file in memory. */
export interface NamedBytes {
  /** For errors. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The classes of MNIST. */
export const DIGIT_LABELS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * Reads a dataset in the format of MNIST: `count x height x width` grey images, and `count` labels.
 *
 * @param name of the dataset
 * @param classNames the names of the classes
 * @throws InputError where a file is not what it should be, or the two don't belong together
 */
export async function idxDataset(
  name: string,
  images: NamedBytes,
  labels: NamedBytes,
  classNames: readonly string[] = DIGIT_LABELS,
): Promise<Dataset> {
  const pixels = await parseIdx(images.bytes, images.name);
  const [count, height, width] = expectRank(pixels, 3, images.name, 'images (count x height x width)');
  const answers = await parseIdx(labels.bytes, labels.name);
  const [answerCount] = expectRank(answers, 1, labels.name, 'labels (count)');
  if (count !== answerCount) {
    throw new InputError(
      `${images.name} holds ${count} images, but ${labels.name} ${answerCount} labels; give files that belong together`,
    );
  }
  if (count === 0 || height === 0 || width === 0) throw new InputError(`${images.name}: holds no image`);
  const stranger = answers.data.findIndex((answer) => answer >= classNames.length);
  if (stranger >= 0) {
    throw new InputError(
      `${labels.name}: label ${answers.data[stranger]} of example ${stranger} is not one of the ${classNames.length} classes`,
    );
  }
  return {
    name,
    classNames,
    images: { channels: 1, height: height!, width: width!, count: count!, data: pixels.data },
    labels: Int32Array.from(answers.data),
  };
}

function expectRank(idx: Idx, rank: number, where: string, what: string): readonly number[] {
  if (idx.dims.length === rank) return idx.dims;
  throw new InputError(
    `${where}: has ${idx.dims.length} dimensions, but ${what} were expected; are the files swapped?`,
  );
}
