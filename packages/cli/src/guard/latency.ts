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
const RUNS = 40;

/** Milliseconds that the runs of one model take at most. */
const MOST_TIME = 2000;

/**
 * Milliseconds for one image on its own: medians on this machine, preprocessing included.
 *
 * @param guarded by the detector's name
 */
export async function latencies(
  classifier: OnnxClassifier,
  guarded: ReadonlyMap<string, GuardedModel>,
  runtime: Runtime,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<{ readonly network: number; readonly guarded: Readonly<Record<string, number>> }> {
  const image = batchOf(classifier.shape, probeImages(classifier.shape).slice(0, 1));
  const network = await medianTime(() => classifier.logits(image), signal);
  const times: Record<string, number> = {};
  for (const [name, model] of guarded) {
    const session = await GuardedSession.open(model, classifier, runtime, options);
    try {
      times[name] = await medianTime(() => session.answers(image), signal);
    } finally {
      await session.dispose();
    }
  }
  return { network, guarded: times };
}

async function medianTime(run: () => Promise<unknown>, signal: AbortSignal): Promise<number> {
  for (let i = 0; i < WARM_UP; i++) await run();
  const times: number[] = [];
  for (let all = 0; times.length < RUNS && all < MOST_TIME; ) {
    signal.throwIfAborted();
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
    all += times.at(-1)!;
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}
