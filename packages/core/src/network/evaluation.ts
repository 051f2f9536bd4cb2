/** @file How well a network knows a dataset. */

import { type Model, writeModel } from '@pareidolia/autodiff';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { argmax } from '../classifier/scores.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { InputError } from '../errors.ts';
import type { Runtime, SessionOptions } from '../runtime/runtime.ts';
import { expectCompatible } from './compatibility.ts';

/** The answers of a network to a dataset. */
export interface Evaluation {
  readonly count: number;
  /** Examples whose own class has the largest score. */
  readonly correct: number;
  /** `confusion[c][k]`: examples of class `c` that were taken for class `k`. */
  readonly confusion: readonly (readonly number[])[];
}

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
  const { output } = expectCompatible(model, dataset);
  const { images, labels } = dataset;
  const classes = dataset.classNames.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const classifier = await OnnxClassifier.load(writeModel(model), { runtime, ...sessionOptions, where: 'the network' });
  let correct = 0;
  try {
    const { data: logits } = await classifier.logits(images);
    labels.forEach((actual, row) => {
      const own = logits.subarray(row * classes, (row + 1) * classes);
      if (own.some(Number.isNaN)) throw new InputError(`Output ${output} is not a number for example ${row}`);
      const taken = argmax(own);
      confusion[actual]![taken]!++;
      if (taken === actual) correct++;
    });
  } finally {
    await classifier.dispose();
  }
  return { count: images.count, correct, confusion };
}
