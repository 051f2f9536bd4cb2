/** @file Data as a job's configuration names them: by a hash, so that a change is seen when the job is resumed. */

import type { Dataset } from '@pareidolia/core';
import type { JobInput } from '../job/config.ts';
import { sha256 } from '../job/hash.ts';

/** Images with their labels, and the names of the classes. */
export function dataInput(name: string, parts: readonly Pick<Dataset, 'images' | 'labels' | 'classNames'>[]): JobInput {
  const pieces = parts.flatMap(({ images, labels, classNames }) => {
    const { count, channels, height, width, data } = images;
    return [
      JSON.stringify({ count, channels, height, width, classNames }),
      data,
      new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength),
    ];
  });
  return { name, sha256: sha256(...pieces) };
}
