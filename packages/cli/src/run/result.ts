/** @file What a run came to: the object of `result.json` and of `--json`. */

import { type ArchiveStatistics, confidenceStatistics } from '@pareidolia/core';
import type { RunConfig } from './config.ts';
import type { SavedElite } from './elites.ts';

/** One class in the result. */
export type ClassResult = Omit<SavedElite, 'id'>;

/** Every confidence is that of the 8-bit file named beside it; the statistics are over these. */
export interface RunResult {
  /** File name of the model. */
  readonly model: string;
  readonly encoding: 'direct' | 'cppn' | 'ascent';
  readonly seed: number;
  /** For ascent: the steps that each image may take. */
  readonly generations: number;
  readonly evaluations: number;
  readonly seconds: number;
  readonly evaluationsPerSecond: number;
  readonly classes: readonly ClassResult[];
  readonly mean: number;
  readonly median: number;
  readonly worst: number;
  readonly shareAbove99: number;
  readonly distinctImages: number;
  readonly replacements: number;
  /** The run folder; files are named relative to it. */
  readonly run: string;
}

/** Where the search ended. */
export interface SearchTotals {
  readonly evaluations: number;
  readonly replacements: number;
  readonly seconds: number;
}

export function runResult(
  run: string,
  config: RunConfig,
  elites: readonly SavedElite[],
  { evaluations, replacements, seconds }: SearchTotals,
): RunResult {
  const { method } = config;
  const { mean, median, worst, shareAbove99, distinctImages } = eliteStatistics(elites);
  return {
    model: config.model.file,
    encoding: method.name,
    seed: config.seed,
    generations: method.name === 'ascent' ? method.settings.steps : method.generations,
    evaluations,
    seconds,
    evaluationsPerSecond: seconds > 0 ? evaluations / seconds : 0,
    classes: elites.map(({ id: _, ...elite }) => elite),
    mean,
    median,
    worst,
    shareAbove99,
    distinctImages,
    replacements,
    run,
  };
}

/** The archive's statistics, over the confidences of the files. */
export function eliteStatistics(elites: readonly SavedElite[]): ArchiveStatistics {
  return {
    ...confidenceStatistics(elites.map(({ confidence }) => confidence)),
    distinctImages: new Set(elites.map(({ id }) => id)).size,
  };
}
