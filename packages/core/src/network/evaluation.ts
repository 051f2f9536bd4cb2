/** @file How well a network knows a dataset. */

import { type Model, writeModel } from '@pareidolia/autodiff';
import { argmax } from '../classifier/scores.ts';
import { type Dataset, sliceDataset } from '../dataset/dataset.ts';
import { InputError } from '../errors.ts';
import { toFloat } from '../image/images.ts';
import type { Runtime, SessionOptions } from '../runtime/runtime.ts';
import { expectCompatible } from './compatibility.ts';
import { floatTensor } from './tensors.ts';

/** The answers of a network to a dataset. */
export interface Evaluation {
  readonly count: number;
  /** Examples whose own class has the largest score. */
  readonly correct: number;
  /** `confusion[c][k]`: examples of class `c` that were taken for class `k`. */
  readonly confusion: readonly (readonly number[])[];
}

/** Examples scored at a time. */
const BATCH = 500;

/**
 * Asks a network about every example.
 *
 * @param model from float32 images in [0, 1] to scores, as the networks of this folder are
 * @throws InputError where model and dataset don't fit, or a score is not a number
 */
export async function evaluate(
  model: Model,
  dataset: Dataset,
  runtime: Runtime,
  sessionOptions: SessionOptions,
): Promise<Evaluation> {
  const { input, output } = expectCompatible(model, dataset);
  const session = await runtime.createSession(writeModel(model), sessionOptions);
  const classes = dataset.classNames.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let correct = 0;
  try {
    for (let from = 0; from < dataset.images.count; from += BATCH) {
      const part = sliceDataset(dataset, from, Math.min(from + BATCH, dataset.images.count));
      const scores = (await session.run({ [input]: floatTensor(toFloat(part.images)) }, [output]))[output]!
        .data as Float32Array;
      if (scores.some(Number.isNaN)) {
        throw new InputError(`Output ${output} is not a number for some of examples ${from} to ${from + BATCH}`);
      }
      part.labels.forEach((actual, i) => {
        const taken = argmax(scores.subarray(i * classes, (i + 1) * classes));
        confusion[actual]![taken]!++;
        if (taken === actual) correct++;
      });
    }
  } finally {
    await session.dispose();
  }
  return { count: dataset.images.count, correct, confusion };
}
