/** @file Differential evolution: children are made of the differences between other individuals. */

import { InputError } from '../../errors.ts';
import type { Random } from '../../random/random.ts';
import type { Steps } from '../engine/query.ts';

/** One number of a genome. */
export interface Gene {
  /** Draws a first value. */
  draw(): number;
  /** Brings a value that may be out of range back. */
  repair(value: number): number;
}

export interface EvolutionSettings {
  /** Individuals, 4 at least. */
  readonly population: number;
  /** Generations after the first. */
  readonly generations: number;
  /** F: the factor of a difference. */
  readonly weight: number;
}

/** The fittest individual. */
export interface Fittest {
  readonly genome: Float64Array;
  readonly score: number;
}

/**
 * Differential evolution without crossover, as Su et al. 2019, equation 3: a child is x_a + F (x_b - x_c) of three distinct
 * random individuals and takes the place of its parent, the individual of its own number, where it scores higher. A
 * generation is made from the one before it as a whole, so that all its children can be scored at once.
 *
 * @param scores of a generation; a score of +Infinity is a solution and ends the evolution
 * @throws InputError where the population is too small for three others
 */
export function* differentialEvolution(
  genes: readonly Gene[],
  { population, generations, weight }: EvolutionSettings,
  random: Random,
  scores: (genomes: readonly Float64Array[]) => Steps<readonly number[]>,
): Steps<Fittest> {
  if (!(Number.isInteger(population) && population >= 4)) {
    throw new InputError(`Differential evolution needs a population of at least 4, not ${population}`);
  }
  const genomes = Array.from({ length: population }, () => Float64Array.from(genes, (gene) => gene.draw()));
  const fitness = [...(yield* scores(genomes))];
  for (let generation = 0; generation < generations && !fitness.includes(Number.POSITIVE_INFINITY); generation++) {
    const children = genomes.map(() => {
      const [a, b, c] = threeOf(population, random).map((index) => genomes[index]!);
      return Float64Array.from(genes, (gene, i) => gene.repair(a![i]! + weight * (b![i]! - c![i]!)));
    });
    const answers = yield* scores(children);
    for (const [index, score] of answers.entries()) {
      if (score <= fitness[index]!) continue;
      fitness[index] = score;
      genomes[index] = children[index]!;
    }
  }
  const score = Math.max(...fitness);
  return { genome: genomes[fitness.indexOf(score)]!, score };
}

/** Three distinct numbers below `bound`. */
function threeOf(bound: number, random: Random): number[] {
  const drawn = new Set<number>();
  while (drawn.size < 3) drawn.add(random.integer(bound));
  return [...drawn];
}
