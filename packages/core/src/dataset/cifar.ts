/** @file The binary format of CIFAR-10: records of one label byte and 3 x 32 x 32 pixels (described on its page). */

import { InputError } from '../errors.ts';
import type { Dataset } from './dataset.ts';
import type { NamedBytes } from './labelled-idx.ts';

/** The classes of CIFAR-10. */
export const CIFAR10_LABELS: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;

/**
 * Reads files of records, one after the other.
 *
 * @param name of the dataset
 * @param classNames the names of the classes
 * @throws InputError where a file is not made of whole records, or has a label beyond the classes
 */
export function cifarDataset(
  name: string,
  files: readonly NamedBytes[],
  classNames: readonly string[] = CIFAR10_LABELS,
): Dataset {
  const counts = files.map(({ name: where, bytes }) => {
    if (bytes.length > 0 && bytes.length % (PIXELS + 1) === 0) return bytes.length / (PIXELS + 1);
    throw new InputError(
      `${where}: its ${bytes.length} bytes are not whole records of ${PIXELS + 1}; give the binary version of CIFAR-10`,
    );
  });
  const count = counts.reduce((sum, some) => sum + some, 0);
  const data = new Uint8Array(count * PIXELS);
  const labels = new Int32Array(count);
  let at = 0;
  for (const [index, { name: where, bytes }] of files.entries()) {
    for (let record = 0; record < counts[index]!; record++, at++) {
      const start = record * (PIXELS + 1);
      labels[at] = bytes[start]!;
      if (labels[at]! >= classNames.length) {
        throw new InputError(
          `${where}: label ${labels[at]} of record ${record} is not one of ${classNames.length} classes`,
        );
      }
      data.set(bytes.subarray(start + 1, start + 1 + PIXELS), at * PIXELS);
    }
  }
  return { name, classNames, images: { channels: 3, height: SIDE, width: SIDE, count, data }, labels };
}
