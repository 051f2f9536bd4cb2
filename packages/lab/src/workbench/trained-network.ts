/** @file A network that a claim trains itself, as a unit of work. */

import { type Model, writeModel } from '@pareidolia/autodiff';
import { type Dataset, evaluate, OnnxClassifier, parseCard, train } from '@pareidolia/core';
import type { Workbench } from './workbench.ts';

/** Momentum and learning rate are those of the project's recipe for digits. */
const [BATCH, MOMENTUM, RATE] = [50, 0.9, 0.02];

/** What a network is trained on, and how. */
export interface Recipe {
  /** From float32 images in [0, 1] to logits. */
  readonly model: Model;
  readonly dataset: Dataset;
  /** With the labels of the dataset; a class may have no example. */
  readonly test: Dataset;
  /** At least so many steps of 50 examples: whole passes through the dataset. */
  readonly steps: number;
  /** Of the order of the examples. */
  readonly seed: number;
  /** Told how far the training is, 0 to 1. */
  readonly say?: (share: number) => void;
}

/** A trained network with its test results. */
export interface Trained {
  /** The caller disposes of it. */
  readonly network: OnnxClassifier;
  /** Share of the test images that are classified right. */
  readonly accuracy: number;
  /** `confusion[c][k]`: test images of class `c` that were taken for class `k`. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Trains a network as a unit of work, or reads it where that was done before.
 *
 * @param key of the unit
 */
export async function trainedNetwork(bench: Workbench, key: string, recipe: Recipe): Promise<Trained> {
  const session = { device: bench.device, threads: bench.threads };
  const { bytes, accuracy, confusion } = await bench.unit(key, () => trainAndTest(bench, recipe));
  const card = parseCard({ labels: [...recipe.dataset.classNames], color: 'grey', output: 'logits' });
  const network = await OnnxClassifier.load(bytes, { card, runtime: bench.runtime, ...session, where: key });
  return { network, accuracy, confusion };
}

async function trainAndTest(bench: Workbench, { model, dataset, test, steps, seed, say }: Recipe) {
  const session = { device: bench.device, threads: bench.threads };
  const stop = { aborted: false };
  const result = await train({
    model,
    dataset,
    runtime: bench.runtime,
    session,
    epochs: Math.ceil((steps * BATCH) / dataset.images.count),
    batch: BATCH,
    seed,
    optimizer: { kind: 'sgd', momentum: MOMENTUM, weightDecay: 0 },
    learningRate: { kind: 'cosine', base: RATE },
    signal: stop,
    onStep: (progress) => {
      say?.(progress.step / progress.steps);
      // The trainer does not wait between steps: it looks at the signal before the next one.
      bench.pause().catch(() => {
        stop.aborted = true;
      });
    },
  });
  // Rejects where the training was stopped, so that half a training is never written down.
  await bench.pause();
  const { correct, count, confusion } = await evaluate(result.model, test, bench.runtime, session);
  return { bytes: writeModel(result.model), accuracy: correct / count, confusion };
}
