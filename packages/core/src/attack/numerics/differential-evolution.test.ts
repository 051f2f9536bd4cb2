import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { Random } from '../../random/random.ts';
import type { Steps } from '../engine/query.ts';
import { differentialEvolution, type EvolutionSettings, type Gene } from './differential-evolution.ts';

const OPTIMUM = [0.3, -1.2, 2];

/** Minimises the distance to the optimum, in a box around it. */
function run(settings: EvolutionSettings, score: (genome: Float64Array) => number) {
  const random = Random.stream(1);
  const gene: Gene = {
    draw: () => 6 * random.uniform() - 3,
    repair: (value) => Math.min(3, Math.max(-3, value)),
  };
  const generations: number[] = [];
  const scores = function* (genomes: readonly Float64Array[]): Steps<readonly number[]> {
    yield [];
    generations.push(genomes.length);
    return genomes.map(score);
  };
  const steps = differentialEvolution([gene, gene, gene], settings, random, scores);
  let result = steps.next([]);
  while (result.done !== true) result = steps.next([]);
  return { fittest: result.value, generations };
}

const towards = (genome: Float64Array): number =>
  -genome.reduce((sum, value, i) => sum + (value - OPTIMUM[i]!) ** 2, 0);

describe('differential evolution', () => {
  it('finds the minimum of a paraboloid', () => {
    const { fittest } = run({ population: 40, generations: 150, weight: 0.5 }, towards);
    fittest.genome.forEach((value, i) => {
      expect(value).toBeCloseTo(OPTIMUM[i]!, 3);
    });
    expect(fittest.score).toBeCloseTo(0, 5);
  });

  it('scores one population at the start and one in each generation', () => {
    const { generations } = run({ population: 10, generations: 7, weight: 0.5 }, towards);
    expect(generations).toEqual(Array.from({ length: 8 }, () => 10));
  });

  it('ends at a solution', () => {
    const near = (genome: Float64Array): number =>
      towards(genome) > -0.5 ? Number.POSITIVE_INFINITY : towards(genome);
    const { fittest, generations } = run({ population: 20, generations: 100, weight: 0.5 }, near);
    expect(towards(fittest.genome)).toBeGreaterThan(-0.5);
    expect(generations.length).toBeLessThan(100);
  });

  it('refuses a population that has no three others', () => {
    expect(() => run({ population: 3, generations: 1, weight: 0.5 }, towards)).toThrow(InputError);
  });
});
