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
  /** By how much the fastest runs of one and the same network differ between the halves of the runs: less than this says nothing. */
  readonly noise: Readonly<Record<string, number>>;
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
  const noise: Record<string, number> = {};
  let network = Infinity;
  for (const [name, model] of guarded) {
    const session = await GuardedSession.open(model, classifier, runtime, options);
    try {
      const times = await inTurns(
        () => classifier.logits(image),
        () => session.answers(image),
        signal,
      );
      const told = addedTime(times);
      network = Math.min(network, Math.min(...times.map(({ one }) => one)));
      own[name] = Math.min(...times.map(({ other }) => other));
      added[name] = told.added;
      noise[name] = told.noise;
    } finally {
      await session.dispose();
    }
  }
  return { network, guarded: own, added, noise };
}

/** Milliseconds of two things, done one after the other. */
export interface Turn {
  readonly one: number;
  readonly other: number;
}

/**
 * How much longer the other takes than the one, by the fastest runs of each; and by how much the fastest runs of each differ between
 * the first half of the turns and the second, which on a quiet machine is little.
 *
 * @param turns at least one
 */
export function addedTime(turns: readonly Turn[]): { readonly added: number; readonly noise: number } {
  const least = (some: readonly Turn[], of: keyof Turn): number => Math.min(...some.map((turn) => turn[of]));
  const added = least(turns, 'other') - least(turns, 'one');
  const half = Math.floor(turns.length / 2);
  if (half === 0) return { added, noise: Infinity };
  const [first, second] = [turns.slice(0, half), turns.slice(half)];
  const apart = (of: keyof Turn): number => Math.abs(least(first, of) - least(second, of));
  return { added, noise: Math.max(apart('one'), apart('other')) };
}

async function inTurns(
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<readonly Turn[]> {
  for (let i = 0; i < WARM_UP; i++) {
    await one();
    await other();
  }
  const turns: Turn[] = [];
  const end = performance.now() + MOST_TIME;
  for (let i = 0; i < RUNS && (i === 0 || performance.now() < end); i++) {
    signal.throwIfAborted();
    const start = performance.now();
    await one();
    const middle = performance.now();
    await other();
    turns.push({ one: middle - start, other: performance.now() - middle });
  }
  return turns;
}
