/** @file The ways to fooling images, with one face: evolution (over an encoding) and gradient ascent. */

import {
  Ascent,
  type AscentSettings,
  type EliteArchive,
  type EncodingSpec,
  type Generation,
  type GradientScorer,
  type ImageShape,
  Search,
  type SearchState,
} from '@pareidolia/core';
import { WorkerBreeder } from '../workers/breeder.ts';

/** A search that a run can take step by step, save and go on with. */
export interface Method {
  readonly archive: EliteArchive;
  /** Steps taken so far. */
  readonly generations: number;
  /** Steps in all. */
  readonly total: number;
  step(): Promise<Generation>;
  state(): SearchState;
  dispose(): Promise<void>;
}

/** What a run does, as plain data: it is written into the run's configuration and compared when it is resumed. */
export type MethodSpec =
  | {
      readonly name: 'direct' | 'cppn';
      /** Generations after the random population. */
      readonly generations: number;
      readonly batch: number;
      readonly options: Readonly<Record<string, number>>;
    }
  | {
      readonly name: 'ascent';
      readonly settings: AscentSettings;
      readonly starts: number;
      /** Classes that climb together. */
      readonly group: number;
      readonly target: number;
    };

export interface MethodContext {
  readonly scorer: GradientScorer;
  readonly classes: readonly number[];
  readonly seed: number;
  /** Threads that breed. */
  readonly threads: number;
  /** Called with the share done of the step under way, where a step takes long. */
  readonly onStep: (share: number) => void;
}

/** @param state where to go on; a fresh start when absent */
export function createMethod(spec: MethodSpec, context: MethodContext, state?: SearchState): Method {
  const { scorer, classes, seed, threads, onStep } = context;
  if (spec.name === 'ascent') {
    const { settings, starts, group, target } = spec;
    const ascent = new Ascent({ scorer, classes, seed, settings, starts, group, target, onStep }, state);
    return withTotal(ascent, ascent.total, async () => {});
  }
  const breeder = new WorkerBreeder(encodingSpec(spec, scorer.shape), seed, threads);
  const search = new Search({ scorer, breeder, classes, seed, batch: spec.batch }, state);
  // The random population is a step, too.
  return withTotal(search, spec.generations + 1, () => breeder.dispose());
}

/** The encoding of an evolution, for images of one shape. */
export function encodingSpec(
  spec: Extract<MethodSpec, { name: 'direct' | 'cppn' }>,
  { channels, height, width }: ImageShape,
): EncodingSpec {
  return { name: spec.name, shape: { channels, height, width }, options: spec.options };
}

function withTotal(search: Search | Ascent, total: number, dispose: () => Promise<void>): Method {
  return {
    archive: search.archive,
    get generations() {
      return search.generations;
    },
    total,
    step: () => search.step(),
    state: () => search.state(),
    dispose,
  };
}
