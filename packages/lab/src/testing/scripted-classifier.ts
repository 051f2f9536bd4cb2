/** @file A classifier that a test writes: logits as a function of the image. */

import { type Images, InputError, imageSize, type Logits, type Scores } from '@pareidolia/core';
import type { AuditedClassifier } from '../audit/bench.ts';

/**
 * A classifier of grey 8 x 8 images; its confidences are the softmax of the logits. It has no gradient.
 *
 * @param logits of one image, one for each class
 */
export function scriptedClassifier(
  classNames: readonly string[],
  logits: (image: Uint8Array) => readonly number[],
  changes: Partial<AuditedClassifier> = {},
): AuditedClassifier {
  const shape = { channels: 1, height: 8, width: 8 } as const;
  const numClasses = classNames.length;
  const rows = (images: Images, of: (row: readonly number[]) => readonly number[]): Logits & Scores => {
    const size = imageSize(shape);
    const data = new Float32Array(images.count * numClasses);
    for (let i = 0; i < images.count; i++) {
      data.set(of(logits(images.data.subarray(i * size, (i + 1) * size))), i * numClasses);
    }
    return { count: images.count, numClasses, data };
  };
  const softmax = (row: readonly number[]): readonly number[] => {
    const most = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - most), 0);
    return row.map((logit) => Math.exp(logit - most) / sum);
  };
  return {
    shape,
    numClasses,
    classNames,
    where: 'scripted',
    predict: async (images) => rows(images, softmax),
    logits: async (images) => {
      if (!(images.data instanceof Uint8Array)) throw new InputError('scripted: takes 8-bit images');
      return rows({ ...images, data: images.data }, (row) => row);
    },
    gradient: () => Promise.reject(new InputError('scripted: has no gradient')),
    ...changes,
  };
}
