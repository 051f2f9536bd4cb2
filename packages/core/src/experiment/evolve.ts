/** @file A search as a unit of work: from a network to elites and the curve of their confidence. */

import type { Classifier } from '../classifier/classifier.ts';
import { createEncoding } from '../encoding/spec.ts';
import { LocalBreeder } from '../evolution/breeder.ts';
import type { Scorer } from '../evolution/search.ts';
import { Search } from '../evolution/search.ts';
import { type Images, imageSize } from '../image/images.ts';

export interface EvolveOptions {
  readonly encoding: 'direct' | 'cppn';
  readonly classes: readonly number[];
  readonly seed: number;
  readonly batch: number;
  /** After the random one. */
  readonly generations: number;
  /** Ends earlier where every class has reached this. */
  readonly target?: number;
  /** Called after each generation. */
  readonly onGeneration?: (generation: number) => void;
  /** Awaited between generations; rejects to stop. */
  readonly pause?: () => Promise<void>;
}

/** The curve of a search and its last elites, as plain data. */
export type Evolved = {
  /** For each generation, the random one first. */
  readonly evaluations: readonly number[];
  readonly median: readonly number[];
  readonly mean: readonly number[];
  readonly worst: readonly number[];
  readonly jumps: readonly number[];
  /** In the order of the classes: the confidence of each elite. */
  readonly confidences: readonly number[];
  /** `classes x C x H x W`, the elites' images. */
  readonly images: Uint8Array;
};

/** Evolves images for classes of a network, with the encodings' default settings. */
export async function evolve(scorer: Scorer | Classifier, options: EvolveOptions): Promise<Evolved> {
  const { shape } = scorer;
  const encoding = createEncoding({ name: options.encoding, shape, options: {} });
  const breeder = new LocalBreeder(encoding, options.seed);
  const search = new Search({ scorer, breeder, classes: options.classes, seed: options.seed, batch: options.batch });
  const curve = {
    evaluations: [] as number[],
    median: [] as number[],
    mean: [] as number[],
    worst: [] as number[],
    jumps: [] as number[],
  };
  for (let generation = 0; generation <= options.generations; generation++) {
    await options.pause?.();
    const step = await search.step();
    curve.evaluations.push(step.evaluations);
    curve.median.push(step.median);
    curve.mean.push(step.mean);
    curve.worst.push(step.worst);
    curve.jumps.push(step.jumps);
    options.onGeneration?.(generation);
    if (options.target !== undefined && step.worst >= options.target) break;
  }
  const size = imageSize(shape);
  const images = new Uint8Array(options.classes.length * size);
  const confidences = search.archive.elites.map((elite, cell) => {
    if (elite === undefined) return 0;
    encoding.render([encoding.unpack(elite.genome)], images.subarray(cell * size, (cell + 1) * size));
    return elite.confidence;
  });
  return { ...curve, confidences, images };
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
