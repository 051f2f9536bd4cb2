/** @file How long a network takes for an image, with a detector and without. */

import {
  batchOf,
  type GuardedModel,
  GuardedSession,
  type OnnxClassifier,
  probeImages,
  type Runtime,
  type SessionOptions,
} from '@pareidolia/core';

/** Runs before those that count. */
const WARM_UP = 5;

/** Runs that count, at most. */
const RUNS = 100;

/** Milliseconds that the runs of one model take at most. */
const MOST_TIME = 2000;

/** Milliseconds for one image on its own. */
export interface Latencies {
  readonly network: number;
  /** By the detector's name. */
  readonly guarded: Readonly<Record<string, number>>;
  /** How much more than the network alone in the same runs, likewise. */
  readonly added: Readonly<Record<string, number>>;
}

/**
 * Milliseconds for one image on its own, preprocessing included: the fastest of up to 100 runs, in turns with the network alone,
 * so that whatever else the machine does counts little.
 *
 * @param guarded by the detector's name
 */
export async function latencies(
  classifier: OnnxClassifier,
  guarded: ReadonlyMap<string, GuardedModel>,
  runtime: Runtime,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<Latencies> {
  const image = batchOf(classifier.shape, probeImages(classifier.shape).slice(0, 1));
  const own: Record<string, number> = {};
  const added: Record<string, number> = {};
  let network = Infinity;
  for (const [name, model] of guarded) {
    const session = await GuardedSession.open(model, classifier, runtime, options);
    try {
      const [alone, with_] = await fastest(
        () => classifier.logits(image),
        () => session.answers(image),
        signal,
      );
      network = Math.min(network, alone);
      own[name] = with_;
      added[name] = with_ - alone;
    } finally {
      await session.dispose();
    }
  }
  return { network, guarded: own, added };
}

/** The shortest times of two things, done in turns. */
async function fastest(
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<readonly [number, number]> {
  for (let i = 0; i < WARM_UP; i++) {
    await one();
    await other();
  }
  const least: [number, number] = [Infinity, Infinity];
  const end = performance.now() + MOST_TIME;
  for (let i = 0; i < RUNS && (i === 0 || performance.now() < end); i++) {
    signal.throwIfAborted();
    const start = performance.now();
    await one();
    const middle = performance.now();
    await other();
    least[0] = Math.min(least[0], middle - start);
    least[1] = Math.min(least[1], performance.now() - middle);
  }
  return least;
}
