/** @file Fooling images as a class of their own: how many rounds, and how they are made. */

import { InputError, z } from '@pareidolia/core';

/** The name of the defence. */
export const FOOLING_CLASS = 'fooling-class';

/** Rounds of evolving images and training again. */
export interface FoolingClass {
  /** Networks that are trained after the first one. */
  readonly rounds: number;
  /** Searches of each round whose images are added to the training data. */
  readonly searches: number;
  /** Generations of each search. */
  readonly generations: number;
  /** Candidates in a generation. */
  readonly batch: number;
}

const settings = z.object({
  rounds: z.int().min(1).max(1000).default(3).describe('networks that are trained after the first one'),
  searches: z.int().min(1).max(10_000).default(6).describe('searches of each round whose images are added'),
  generations: z.int().min(1).max(1_000_000).default(100).describe('generations of each search'),
  batch: z.int().min(1).max(100_000).default(100).describe('candidates in a generation'),
});

/** The defence as it is listed beside those that are a matter of the loss. */
export const FOOLING_KIND = {
  name: FOOLING_CLASS,
  summary: 'evolved fooling images are a class of their own; evolve and train again, in rounds (Nguyen et al. 2015)',
  needsOutliers: false,
  settings,
} as const;

/** @throws InputError where the number of rounds is given twice */
export function foolingSettings(given: Readonly<Record<string, number>>, rounds: number | undefined): FoolingClass {
  const all = settings.parse(given);
  if (rounds === undefined || rounds === all.rounds) return all;
  if (all.rounds !== settings.parse({}).rounds) {
    throw new InputError(`--rounds is ${rounds} and --set rounds is ${all.rounds}; give one of them`);
  }
  return { ...all, rounds };
}
