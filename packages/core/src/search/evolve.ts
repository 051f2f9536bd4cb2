/** @file A search as a unit of work: from a network to elites and the curve of their confidence. */

import type { Scorer } from '../classifier/classifier.ts';
import type { Recordable } from '../emitter/recordable.ts';
import { type Images, imageSize } from '../image/images.ts';
import type { SearchState } from './scheduler.ts';
import { openSearch, resolveSearch, searchEncoding } from './spec.ts';

/** How far a long piece of work has come; stored now and then, so that it goes on from there where it was interrupted. */
export interface Bookmark {
  /** Where the work was interrupted; `undefined` when it starts. */
  readonly value: Recordable | undefined;
  /**
   * Call it often. It is cheap: `make` is called only when something is due to be stored, every few seconds and when the
   * user has asked to stop.
   */
  offer(make: () => Recordable): void;
}

/** What is evolved, and for how long. */
export interface EvolveOptions {
  readonly encoding: 'direct' | 'cppn';
  /** The classes that are searched, ascending: elites come in that order. */
  readonly classes: readonly number[];
  readonly seed: number;
  /** Candidates in a generation. */
  readonly batch: number;
  /** Generations after the random one. */
  readonly generations: number;
  /** Ends earlier where every class has reached this confidence, in [0, 1]. */
  readonly target?: number;
  /** Called after each generation. */
  readonly onGeneration?: (generation: number) => void;
  /** Awaited between generations; rejects to stop. */
  readonly pause?: () => Promise<void>;
  /** Where the search can be left and taken up again. */
  readonly bookmark?: Bookmark;
}

/** Over the generations of a search, the random one first. */
type Curve = {
  readonly evaluations: readonly number[];
  readonly median: readonly number[];
  readonly mean: readonly number[];
  readonly worst: readonly number[];
  readonly replacements: readonly number[];
};

const CURVE = ['evaluations', 'median', 'mean', 'worst', 'replacements'] as const;

/** The curve of a search and its last elites, as plain data. Confidences are in [0, 1]. */
export type Evolved = Curve & {
  /** In the order of the classes: the confidence of each elite. */
  readonly confidences: readonly number[];
  /** Which candidate each elite is; classes that share an image share it. */
  readonly ids: readonly number[];
  /** `classes x C x H x W`, the elites' images. */
  readonly images: Uint8Array;
};

/** A search that was left. */
type Standing = { readonly state: SearchState; readonly curve: Curve };

/**
 * Evolves images for classes of a network with one elite for each class and the encodings' default settings (Nguyen,
 * Yosinski and Clune 2015, section 2).
 *
 * @throws whatever `pause` rejects with
 */
export async function evolve(scorer: Scorer, options: EvolveOptions): Promise<Evolved> {
  const { classes: classIndices, seed, batch, generations } = options;
  const spec = resolveSearch({ encoding: options.encoding, generations, batch }, scorer.shape);
  const before = options.bookmark?.value as Standing | undefined;
  const search = openSearch(spec, { scorer, classIndices, seed }, before?.state);
  const { scheduler } = search;
  const curve: { [K in keyof Curve]: number[] } = copied(
    before?.curve ?? { evaluations: [], median: [], mean: [], worst: [], replacements: [] },
  );
  const isReached = (): boolean => options.target !== undefined && (curve.worst.at(-1) ?? 0) >= options.target;
  while (!search.isDone && !isReached()) {
    await options.pause?.();
    const step = await scheduler.step();
    for (const key of CURVE) curve[key].push(step[key]);
    options.onGeneration?.(step.generation);
    // Copies: what is written down later must not have gone on in between.
    const standing = (): Recordable => ({ state: scheduler.state(), curve: copied(curve) });
    options.bookmark?.offer(standing);
  }
  const encoding = searchEncoding(spec, scorer.shape);
  const size = imageSize(scorer.shape);
  const images = new Uint8Array(classIndices.length * size);
  const { elites } = scheduler.archive;
  for (const [cell, elite] of elites.entries()) {
    if (elite === undefined) continue;
    await encoding.render([encoding.unpack(elite.genome)], images.subarray(cell * size, (cell + 1) * size));
  }
  return {
    ...curve,
    confidences: elites.map((elite) => elite?.confidence ?? 0),
    ids: elites.map((elite) => elite?.id ?? -1),
    images,
  };
}

function copied({ evaluations, median, mean, worst, replacements }: Curve): { [K in keyof Curve]: number[] } {
  return {
    evaluations: [...evaluations],
    median: [...median],
    mean: [...mean],
    worst: [...worst],
    replacements: [...replacements],
  };
}

/** The elites of a search as images. */
export function elitesOf(scorer: Pick<Scorer, 'shape'>, evolved: Evolved): Images {
  return { ...scorer.shape, count: evolved.confidences.length, data: evolved.images };
}

/** The first generation at which a curve reaches a bound; `undefined` where it never does. */
export function firstReaching(curve: readonly number[], bound: number): number | undefined {
  const found = curve.findIndex((value) => value >= bound);
  return found < 0 ? undefined : found;
}
