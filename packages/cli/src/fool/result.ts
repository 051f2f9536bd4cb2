/** @file The result of a search: the object of `result.json` and of `--json`. */

import { type ArchiveStatistics, type Classifier, confidenceStatistics, type EmitterAccount } from '@pareidolia/core';
import { FOOLED, type Trend } from '@pareidolia/lab';
import type { JobConfig } from '../job/config.ts';
import type { SavedElite } from './elites.ts';
import type { SavedMap } from './map.ts';
import type { FoolSettings } from './settings.ts';
import type { NetworkAnswers } from './transfer.ts';

/** One class in the result. */
export type ClassResult = Omit<SavedElite, 'id'>;

/** Every confidence is that of the 8-bit file named beside it; the statistics are over these. */
export interface SearchResult {
  /** File name of the model. */
  readonly model: string;
  readonly encoding: string;
  readonly emitter: string;
  readonly archive: string;
  /**
   * What the gradients are that the images followed: `straight-through` where they are an estimate, since the network is
   * quantized. `null` where the emitter follows none.
   */
  readonly gradientKind: NonNullable<Classifier['gradientKind']> | null;
  readonly seed: number;
  /** Told, the first one included. */
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
  /** Where the archive keeps several images of each class: by what they are told apart, and how many there are. */
  readonly map?: MapResult;
  /** Where several networks were fooled together, or others looked on: what each says of the images by itself. */
  readonly networks?: readonly NetworkAnswers[];
  /** What was spent on whom, where the emitter is made of others; none otherwise. */
  readonly accounts: readonly EmitterAccount[];
  /** Whether the confidences still rose in the last third of the search. */
  readonly trend: Trend;
  /** The run folder; files are named relative to it. */
  readonly run: string;
}

/** The images of an archive that keeps several of each class, counted. The file `map/map.json` has them one by one. */
export interface MapResult {
  readonly measures: readonly string[];
  /** Cells of each class. */
  readonly niches: number;
  /** For each class how many cells hold an image, and how many of these one of a confidence of 0.99 and more. */
  readonly classes: readonly { readonly classIndex: number; readonly filled: number; readonly fooled: number }[];
}

/** Where the search ended. */
export interface SearchTotals {
  readonly generations: number;
  readonly evaluations: number;
  readonly replacements: number;
  readonly seconds: number;
  readonly trend: Trend;
  readonly accounts: readonly EmitterAccount[];
  readonly map: SavedMap | undefined;
  readonly answers: readonly NetworkAnswers[];
}

export function searchResult(
  folder: string,
  gradientKind: SearchResult['gradientKind'],
  { inputs, settings, seed }: JobConfig<FoolSettings>,
  elites: readonly SavedElite[],
  { generations, evaluations, replacements, seconds, trend, accounts, map, answers }: SearchTotals,
): SearchResult {
  const { mean, median, worst, shareAbove99, distinctImages } = eliteStatistics(elites);
  return {
    model: inputs.model!.name,
    encoding: settings.encoding,
    emitter: settings.emitter,
    archive: settings.archive,
    gradientKind,
    // Jobs of this command always have a seed.
    seed: seed!,
    generations,
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
    ...(map === undefined ? {} : { map: mapResult(map, settings.classes) }),
    ...(answers.length === 0 ? {} : { networks: answers }),
    accounts,
    trend,
    run: folder,
  };
}

function mapResult({ measures, niches, entries }: SavedMap, classes: readonly number[]): MapResult {
  return {
    measures: measures.map(({ name }) => name),
    niches: niches.length,
    classes: classes.map((classIndex) => {
      const own = entries.filter((entry) => entry.classIndex === classIndex);
      return { classIndex, filled: own.length, fooled: own.filter(({ confidence }) => confidence >= FOOLED).length };
    }),
  };
}

/** The archive's statistics, over the confidences of the files. */
export function eliteStatistics(elites: readonly SavedElite[]): ArchiveStatistics {
  return {
    ...confidenceStatistics(elites.map(({ confidence }) => confidence)),
    distinctImages: new Set(elites.map(({ id }) => id)).size,
  };
}
