/**
 * @file The sphere benchmark of pyribs (its tutorial `cma_mae`): 100 dimensions, a grid of 100 x 100 over two linear
 * projections, 15 emitters of 36 draws, at five learning rates of the thresholds. Beside each figure stands the one that pyribs
 * publishes. pyribs' rank-one term is that of CMA-ES times its rate once more and the square of the step size, next to nothing;
 * `PAREIDOLIA_SPHERE_RANK_ONE=squared` squares the rate here too, which comes to its figures.
 */

import { byImprovement, cmaParameters, Grid, GridArchive, ImprovementStrategy, Random } from '@pareidolia/core';

const [DIMENSION, EMITTERS, BATCH] = [100, 15, 36];
const BOUND = 5.12;
const SHIFT = 0.4 * BOUND;
const WORST = DIMENSION * (BOUND + SHIFT) ** 2;

/** Coverage and QD score in percent as the tutorial prints them, of one seed each, by learning rate and iterations. */
export const PUBLISHED = {
  0: { 5000: [4.71, 4.54] },
  0.001: { 5000: [69.64, 57.13] },
  0.01: { 5000: [78.98, 61.23], 10000: [80.82, 63.22] },
  0.1: { 5000: [75.52, 59.89] },
  1: { 5000: [46.51, 39.52] },
};

/** Objectives in 0 .. 100, and the two measures: sums over halves, folded back beyond the bound. */
export function evaluate(x) {
  const count = x.length / DIMENSION;
  const objectives = new Float64Array(count);
  const measures = new Float64Array(2 * count);
  for (let row = 0, at = 0; row < count; row++) {
    let raw = 0;
    for (let i = 0; i < DIMENSION; i++, at++) {
      const value = x[at];
      raw += (value - SHIFT) ** 2;
      measures[2 * row + (2 * i < DIMENSION ? 0 : 1)] += Math.abs(value) <= BOUND ? value : BOUND / value;
    }
    objectives[row] = 100 * (1 - raw / WORST);
  }
  return { objectives, measures };
}

/** The constants of CMA-ES with the rate of the rank-one update squared. */
function withoutRankOne(parents) {
  const parameters = cmaParameters(DIMENSION, parents);
  return { ...parameters, rankOne: parameters.rankOne ** 2 };
}

/** One run: coverage and QD score in percent, at some iterations. */
export function* sphere({ alpha, seed, iterations, at = [iterations], parameters }) {
  const reach = (DIMENSION / 2) * BOUND;
  const axis = { lower: -reach, upper: reach, cells: 100 };
  const grid = new Grid([axis, axis]);
  const archive = new GridArchive(grid, DIMENSION, { learningRate: alpha, minimum: 0 });
  const result = new GridArchive(grid, DIMENSION);
  const emitters = Array.from({ length: EMITTERS }, () => {
    const mean = new Float64Array(DIMENSION);
    return new ImprovementStrategy({
      mean,
      sigma: 0.5,
      batch: BATCH,
      isSeparable: false,
      ranking: byImprovement,
      selection: 'mu',
      restart: 'converged',
      ...(parameters && { parameters }),
    });
  });
  const randoms = emitters.map((_, i) => Random.stream(seed, i));
  const start = performance.now();
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const draws = emitters.map((emitter, i) => emitter.ask(randoms[i]));
    const vectors = new Float64Array(EMITTERS * BATCH * DIMENSION);
    draws.forEach((draw, i) => {
      vectors.set(draw, i * draw.length);
    });
    const batch = { vectors, ...evaluate(vectors) };
    const { status, improvement } = archive.add(batch);
    result.add(batch);
    emitters.forEach((emitter, i) => {
      const own = [i * BATCH, (i + 1) * BATCH];
      const standing = { status: status.subarray(...own), improvement: improvement.subarray(...own) };
      emitter.tell(draws[i], standing, () => archive.sample(randoms[i]));
    });
    if (!at.includes(iteration)) continue;
    const { coverage, score } = result.statistics();
    const restarts = emitters.reduce((sum, emitter) => sum + emitter.restarts, 0);
    yield {
      iteration,
      coverage: 100 * coverage,
      score: score / grid.size,
      restarts,
      seconds: (performance.now() - start) / 1000,
    };
  }
}

export async function bench(print) {
  const iterations = Number(process.env.PAREIDOLIA_SPHERE_ITERATIONS ?? 10_000);
  const seeds = Number(process.env.PAREIDOLIA_SPHERE_SEEDS ?? 10);
  const alphas = (process.env.PAREIDOLIA_SPHERE_ALPHAS ?? '0,0.001,0.01,0.1,1').split(',').map(Number);
  const parameters = process.env.PAREIDOLIA_SPHERE_RANK_ONE === 'squared' ? withoutRankOne : undefined;
  for (const alpha of alphas) {
    for (let seed = 1; seed <= seeds; seed++) {
      for (const row of sphere({ alpha, seed, iterations, at: [iterations / 2, iterations], parameters })) {
        const published = PUBLISHED[alpha]?.[row.iteration];
        print(
          `alpha ${alpha}, seed ${seed}, ${row.iteration} iterations: coverage ${row.coverage.toFixed(2)} %, QD score ${row.score.toFixed(2)}` +
            `${published === undefined ? '' : ` (pyribs ${published.join(' %, ')})`}, ${row.restarts} restarts, ${row.seconds.toFixed(0)} s`,
        );
      }
    }
  }
}
