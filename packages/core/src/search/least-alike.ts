/**
 * @file Among the images that a network is certain of, those that resemble their class least: a short search after a search, whose
 * fitness is not the confidence but the resemblance, and which lets nothing in below a confidence.
 */

import type { Elite } from '../archive/archive.ts';
import type { Scorer } from '../classifier/classifier.ts';
import { argmax, scoresOf } from '../classifier/scores.ts';
import { imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import type { Breeder, Recipe } from './breeder.ts';

/** What a look for unlike images works with. */
export interface LeastAlikeOptions {
  readonly scorer: Scorer;
  /** Makes images of genomes. */
  readonly breeder: Breeder;
  /** How many parents a child has. */
  readonly parents: number;
  readonly classIndices: readonly number[];
  /** Where it begins, by cell. */
  readonly elites: readonly (Elite | undefined)[];
  /** Of the parents that are drawn. */
  readonly seed: number;
  /** The confidence that an image needs. */
  readonly bar: number;
  /** How much an image, `C x H x W`, resembles a class. */
  readonly resemblance: (image: Uint8Array, classIndex: number) => number;
  readonly generations: number;
  readonly batch: number;
  /** The generation that the first children are said to belong to; rates of variation may follow it. */
  readonly first: number;
}

/** The least alike image of a class. */
export interface Unlike {
  readonly classIndex: number;
  readonly genome: Uint8Array;
  readonly confidence: number;
  readonly resemblance: number;
}

/** What was found, and for how much. */
export interface LeastAlike {
  /** By cell; `undefined` where no image reaches the bar. */
  readonly cells: readonly (Unlike | undefined)[];
  /** Images shown to the classifier. */
  readonly evaluations: number;
}

/** Key of the streams that parents are drawn from. */
const PARENT_STREAM = 0x616c696b;

/** One in so many children is made from nothing. */
const FRESH = 4;

/** Looks for images of at least `bar` that resemble their class less; an image counts only for the class the network answers. */
export async function leastAlike(options: LeastAlikeOptions): Promise<LeastAlike> {
  const { elites, classIndices, generations, batch, first, seed, parents } = options;
  const cells: (Unlike | undefined)[] = classIndices.map(() => undefined);
  const begin = elites.flatMap((elite) => (elite === undefined ? [] : [{ parents: [], genome: elite.genome }]));
  let evaluations = await tell(options, cells, first, begin);
  for (let generation = 0; generation < generations; generation++) {
    const random = Random.stream(seed, PARENT_STREAM, generation);
    const held = cells.flatMap((cell) => cell?.genome ?? []);
    const recipes = Array.from({ length: batch }, (_, place): Recipe => {
      if (held.length === 0 || place % FRESH === 0) return { parents: [] };
      return { parents: Array.from({ length: parents }, () => held[random.integer(held.length)]!) };
    });
    evaluations += await tell(options, cells, first + 1 + generation, recipes);
  }
  return { cells, evaluations };
}

async function tell(
  { scorer, breeder, classIndices, bar, resemblance }: LeastAlikeOptions,
  cells: (Unlike | undefined)[],
  generation: number,
  recipes: readonly Recipe[],
): Promise<number> {
  if (recipes.length === 0) return 0;
  const { genomes, images } = await breeder.breed({ generation, first: 0, recipes });
  const scores = await scorer.predict({ ...scorer.shape, count: genomes.length, data: images });
  const size = imageSize(scorer.shape);
  genomes.forEach((genome, at) => {
    const row = scoresOf(scores, at);
    const classIndex = argmax(row);
    const cell = classIndices.indexOf(classIndex);
    const confidence = row[classIndex]!;
    if (cell < 0 || confidence < bar) return;
    const alike = resemblance(images.subarray(at * size, (at + 1) * size), classIndex);
    if (alike < (cells[cell]?.resemblance ?? Number.POSITIVE_INFINITY)) {
      cells[cell] = { classIndex, genome: genome.slice(), confidence, resemblance: alike };
    }
  });
  return genomes.length;
}
