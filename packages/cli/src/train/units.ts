/** @file What a training is cut into: the training of each network, the searches for images that fool it, what is measured. */

import { readModel } from '@pareidolia/autodiff';
import type { FoolingImages, Recordable } from '@pareidolia/core';
import { z } from 'zod';
import type { Results, WorkUnit } from '../job/unit.ts';
import type { FoolingClass } from './fooling-class.ts';
import { ROBUSTNESS, type Robustness } from './robustness.ts';
import { TRAINED, type Trained } from './training.ts';

/**
 * The training of the network of a round, a search for images that fool it, and what is measured: `before` of a given network as
 * it is, the others of the last network.
 */
export type TrainUnit = WorkUnit &
  (
    | { readonly kind: 'training'; readonly round: number }
    | { readonly kind: 'fooling'; readonly round: number; readonly search: number }
    | { readonly kind: Measurement }
  );

type Measurement = 'before' | 'test' | 'robustness';

const trainingKey = (round: number): string => (round === 0 ? 'training' : `training-${round}`);
const foolingKey = (round: number, search: number): string => `fooling-${round}-${search}`;

/**
 * The units in order. The last network is searched once, to say how well it is fooled.
 *
 * @param fooling `undefined` where one network is trained
 */
export function trainUnits(
  seed: number,
  fooling: FoolingClass | undefined,
  measured: Readonly<Record<Measurement, boolean>>,
): readonly TrainUnit[] {
  const units: TrainUnit[] = [];
  const { rounds, searches } = fooling ?? { rounds: 0, searches: 0 };
  const all = (): readonly string[] => units.map(({ key }) => key);
  if (measured.before) units.push({ key: 'before', seed, kind: 'before', weight: 0.1 });
  for (let round = 0; round <= rounds; round++) {
    units.push({ key: trainingKey(round), seed, kind: 'training', round, needs: all() });
    const count = fooling === undefined ? 0 : round < rounds ? searches : 1;
    for (let search = 0; search < count; search++) {
      const needs = [trainingKey(round)];
      units.push({ key: foolingKey(round, search), seed, kind: 'fooling', round, search, needs, weight: 0.2 });
    }
  }
  const needs = all();
  if (measured.test) units.push({ key: 'test', seed, kind: 'test', needs });
  if (measured.robustness) units.push({ key: 'robustness', seed, kind: 'robustness', needs });
  return units;
}

/** How many of a number of images a network classifies right. */
export type Tested = { readonly correct: number; readonly count: number };

const TESTED: z.ZodType<Tested> = z.object({ correct: z.int().min(0), count: z.int().min(1) });

const numbers = z.array(z.number());
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const FOOLING: z.ZodType<FoolingImages> = z.object({
  first: bytes,
  last: z.object({
    evaluations: numbers,
    median: numbers,
    mean: numbers,
    worst: numbers,
    replacements: numbers,
    confidences: numbers,
    ids: numbers,
    images: bytes,
  }),
});

/**
 * A result as it was read from the journal.
 *
 * @throws Error where it is none of that unit
 */
export function readResult(key: string, result: Recordable): Recordable {
  if (key === 'test' || key === 'before') return { ...TESTED.parse(result) };
  if (key === 'robustness') return { ...ROBUSTNESS.parse(result) };
  if (key.startsWith('fooling-')) return FOOLING.parse(result);
  const trained = TRAINED.parse(result);
  readModel(trained.model);
  return trained;
}

/** Results by what they are of. A key belongs to one kind of unit, which gives its result a type. */
export class TrainResults {
  readonly #results: Pick<Results<Recordable>, 'of'>;

  constructor(results: Pick<Results<Recordable>, 'of'>) {
    this.#results = results;
  }

  trained(round: number): Trained {
    return this.#results.of(trainingKey(round)) as Trained;
  }

  fooling(round: number, search: number): FoolingImages {
    return this.#results.of(foolingKey(round, search)) as FoolingImages;
  }

  tested(key: 'before' | 'test'): Tested {
    return this.#results.of(key) as Tested;
  }

  robustness(): Robustness {
    return this.#results.of('robustness') as Recordable & Robustness;
  }
}

/** What the trainings of all rounds took. */
export function trainingSeconds(results: Results<Recordable>, rounds: number): number {
  let seconds = 0;
  for (let round = 0; round <= rounds; round++) seconds += results.seconds(trainingKey(round));
  return seconds;
}
