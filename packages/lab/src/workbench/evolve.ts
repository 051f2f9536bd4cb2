import {
  type Classifier,
  createEncoding,
  type Elite,
  type Images,
  imageSize,
  LocalBreeder,
  type Scorer,
  Search,
  type SearchState,
} from '@pareidolia/core';
import type { Bookmark, Recordable } from './workbench.ts';

/** What a search is started with. */
export interface EvolveOptions {
  readonly encoding: 'direct' | 'cppn';
  /** Class indices to make images for. */
  readonly classes: readonly number[];
  readonly seed: number;
  /** Offspring in a generation. */
  readonly batch: number;
  /** Generations after the random one. */
  readonly generations: number;
  /** Confidence in [0, 1]; the search ends earlier once every class has reached it. */
  readonly target?: number;
  /** Called after each generation. */
  readonly onGeneration?: (generation: number) => void;
  /** Awaited between generations; rejects to stop. */
  readonly pause?: () => Promise<void>;
  /** Where the search can be left and taken up again. */
  readonly bookmark?: Bookmark;
}

/** The curve of a search and its last elites, as plain data. Confidences are in [0, 1]. */
export type Evolved = {
  /** For each generation, the random one first. */
  readonly evaluations: readonly number[];
  readonly median: readonly number[];
  readonly mean: readonly number[];
  readonly worst: readonly number[];
  readonly replacements: readonly number[];
  /** In the order of the classes: the confidence of each elite. */
  readonly confidences: readonly number[];
  /** Which individual each elite is; classes that share an image share it. */
  readonly ids: readonly number[];
  /** `classes x C x H x W`, the elites' images. */
  readonly images: Uint8Array;
};

/**
 * Evolves images for classes of a network with MAP-Elites, one elite for each class, and the encodings' default settings
 * (Nguyen, Yosinski and Clune 2015, section 2).
 *
 * @throws whatever `pause` rejects with
 */
export async function evolve(scorer: Scorer | Classifier, options: EvolveOptions): Promise<Evolved> {
  const { shape } = scorer;
  const encoding = createEncoding({ name: options.encoding, shape, options: {} });
  const breeder = new LocalBreeder(encoding, options.seed);
  const before = options.bookmark?.value as Standing | undefined;
  const search = new Search(
    { scorer, breeder, classes: options.classes, seed: options.seed, batch: options.batch },
    before && {
      ...before.state,
      // Copied, so that genomes lie as they have to in memory.
      elites: before.state.elites.map((elite) =>
        elite === null ? undefined : { ...elite, genome: elite.genome.slice() },
      ),
    },
  );
  const curve = before?.curve ?? { evaluations: [], median: [], mean: [], worst: [], replacements: [] };
  const isDone = (): boolean => options.target !== undefined && (curve.worst.at(-1) ?? 0) >= options.target;
  while (search.generations <= options.generations && !isDone()) {
    await options.pause?.();
    const step = await search.step();
    curve.evaluations.push(step.evaluations);
    curve.median.push(step.median);
    curve.mean.push(step.mean);
    curve.worst.push(step.worst);
    curve.replacements.push(step.jumps);
    options.onGeneration?.(step.generation);
    options.bookmark?.offer(() => standing(search.state(), curve));
  }
  const size = imageSize(shape);
  const images = new Uint8Array(options.classes.length * size);
  const confidences = search.archive.elites.map((elite, cell) => {
    if (elite === undefined) return 0;
    encoding.render([encoding.unpack(elite.genome)], images.subarray(cell * size, (cell + 1) * size));
    return elite.confidence;
  });
  const ids = search.archive.elites.map((elite) => elite?.id ?? -1);
  return { ...curve, confidences, ids, images };
}

interface Curve {
  readonly evaluations: number[];
  readonly median: number[];
  readonly mean: number[];
  readonly worst: number[];
  readonly replacements: number[];
}

/** A search that was left. */
type Standing = {
  readonly state: Omit<SearchState, 'elites'> & { readonly elites: readonly (Elite | null)[] };
  readonly curve: Curve;
};

/** Copied: what is written down later must not have gone on in between. */
function standing({ generations, evaluations, jumps, elites }: SearchState, curve: Curve): Recordable {
  return {
    state: {
      generations,
      evaluations,
      jumps,
      elites: elites.map((elite) => (elite === undefined ? null : { ...elite })),
    },
    curve: {
      evaluations: [...curve.evaluations],
      median: [...curve.median],
      mean: [...curve.mean],
      worst: [...curve.worst],
      replacements: [...curve.replacements],
    },
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
