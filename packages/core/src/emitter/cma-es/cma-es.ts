/**
 * @file The evolution strategy with covariance matrix adaptation (CMA-ES; Hansen 2016, arXiv 1604.00772), told an order instead of
 * function values, so that quality-diversity may rank by improvement. The steps are those of Hansen's purecma, without
 * negative weights.
 */

import { fillNormals } from '../../random/normals.ts';
import type { Random } from '../../random/random.ts';
import type { Distribution } from '../strategy/distribution.ts';
import { type Covariance, DiagonalCovariance, FullCovariance } from './covariance.ts';
import { type CmaParameters, cmaParameters } from './parameters.ts';
import { type Parents, recombine } from './parents.ts';

/** How a strategy begins. */
export interface CmaOptions {
  /** The first mean, `dimension` numbers. */
  readonly mean: ArrayLike<number>;
  /** The first step size, above 0. */
  readonly sigma: number;
  /** Draws in a generation, lambda, at least 2. */
  readonly batch: number;
  /** Whether only the diagonal of the covariance is adapted. */
  readonly isSeparable: boolean;
  /** Bounds of every number; draws beyond them are clipped, not drawn again. None when absent. */
  readonly bounds?: readonly [lower: number, upper: number];
  /** Fills an array with standard normal numbers; those of the rendering kernel when absent. */
  readonly normals?: (random: Random, out: Float64Array) => void;
  /** The constants for a number of parents; the default ones when absent. */
  readonly parameters?: (parents: number) => CmaParameters;
}

/** Why a strategy cannot go on from where it is. */
export type CmaStop = 'condition' | 'step size';

/** One search distribution: {@link ask} draws, {@link tell} adapts. */
export class CmaEs implements Distribution {
  readonly normals = 'bulk';
  readonly dimension: number;
  readonly batch: number;
  readonly #options: CmaOptions;
  readonly #parameters: (parents: number) => CmaParameters;
  #covariance: Covariance;
  #mean: Float64Array;
  #sigma: number;
  #sigmaPath: Float64Array;
  #path: Float64Array;
  #generations = 0;
  #evaluations = 0;
  /** Evaluations when the covariance was last decomposed. */
  #decomposed = 0;
  #isStale = false;
  readonly #known = new Map<number, CmaParameters>();

  constructor(options: CmaOptions) {
    this.#options = options;
    this.dimension = options.mean.length;
    this.batch = options.batch;
    this.#parameters = options.parameters ?? ((parents) => cmaParameters(this.dimension, parents, options.isSeparable));
    this.#mean = new Float64Array(this.dimension);
    this.#sigmaPath = new Float64Array(this.dimension);
    this.#path = new Float64Array(this.dimension);
    this.#sigma = options.sigma;
    this.#covariance = this.#unit();
    this.reset(options.mean);
  }

  /** The mean of the distribution; a view. */
  get mean(): Float64Array {
    return this.#mean;
  }

  /** The step size. */
  get sigma(): number {
    return this.#sigma;
  }

  /** Generations told since the last {@link reset}. */
  get generations(): number {
    return this.#generations;
  }

  /** Begins anew around another mean, with the first step size and the unit covariance. */
  reset(mean: ArrayLike<number>, sigma = this.#options.sigma): void {
    this.#mean.set(mean);
    this.#sigma = sigma;
    this.#sigmaPath.fill(0);
    this.#path.fill(0);
    this.#covariance = this.#unit();
    this.#generations = 0;
    this.#evaluations = 0;
    this.#decomposed = 0;
    this.#isStale = false;
  }

  /** `batch x dimension` draws from `N(mean, sigma^2 C)`, clipped to the bounds. */
  ask(random: Random): Float64Array {
    this.#decompose();
    const n = this.dimension;
    const { bounds, normals = fillNormals } = this.#options;
    const [lower, upper] = bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const draws = new Float64Array(this.batch * n);
    normals(random, draws);
    this.#covariance.place(draws, { mean: this.#mean, sigma: this.#sigma, lower, upper });
    return draws;
  }

  /**
   * Adapts to the order of draws.
   *
   * @param draws `N x dimension`, as they were evaluated
   * @param order rows of the draws, best first; the first `parents` of them are recombined
   * @param parents at least 1
   */
  tell(draws: Float64Array, order: ArrayLike<number>, parents: number): void {
    const n = this.dimension;
    const count = draws.length / n;
    const { weights, effectiveParents, pathRate, sigmaRate, damping, rankOne, rankMu } = this.#constants(parents);
    this.#generations++;
    this.#evaluations += count;
    const chosen: Parents = { draws, order, weights, mean: this.#mean };
    const { shift, squares } = recombine(chosen);
    const white = new Float64Array(n);
    this.#covariance.whiten(shift, white);
    const toSigmaPath = Math.sqrt(sigmaRate * (2 - sigmaRate) * effectiveParents) / this.#sigma;
    let length = 0;
    for (let i = 0; i < n; i++) {
      this.#sigmaPath[i] = (1 - sigmaRate) * this.#sigmaPath[i]! + toSigmaPath * white[i]!;
      length += this.#sigmaPath[i]! ** 2;
    }
    length /= n;
    // The path of the covariance stands still while the step size grows fast.
    const settled = 1 - (1 - sigmaRate) ** (2 * this.#generations);
    const isCalm = length / settled < 2 + 4 / (n + 1);
    const toPath = isCalm ? Math.sqrt(pathRate * (2 - pathRate) * effectiveParents) / this.#sigma : 0;
    for (let i = 0; i < n; i++) this.#path[i] = (1 - pathRate) * this.#path[i]! + toPath * shift[i]!;
    const lost = isCalm ? rankOne : rankOne * (1 - pathRate * (2 - pathRate));
    const scale = rankMu / this.#sigma ** 2;
    const rates = { keep: 1 - lost - rankMu, rankOne, scale };
    this.#covariance.adapt(rates, this.#path, chosen, squares);
    this.#isStale = true;
    for (let i = 0; i < n; i++) this.#mean[i]! += shift[i]!;
    this.#sigma *= Math.exp(Math.min(1, ((sigmaRate / damping) * (length - 1)) / 2));
  }

  /** Why this distribution has come to its end; `undefined` where it has not. */
  stop(): CmaStop | undefined {
    this.#decompose();
    if (this.#covariance.condition > 1e14) return 'condition';
    if (!(this.#sigma * Math.sqrt(this.#covariance.largest) >= 1e-11)) return 'step size';
    return undefined;
  }

  /** C as it is adapted, without the step size: the whole matrix row by row, or its diagonal; a copy. */
  covariance(): Float64Array {
    return this.#covariance.values();
  }

  /** Everything that {@link restore} needs, as numbers. */
  state(): Float64Array {
    const n = this.dimension;
    const covariance = this.#covariance.state();
    const state = new Float64Array(HEAD + 3 * n + covariance.length);
    state.set([this.#sigma, this.#generations, this.#evaluations, this.#decomposed, this.#isStale ? 1 : 0]);
    state.set(this.#mean, HEAD);
    state.set(this.#sigmaPath, HEAD + n);
    state.set(this.#path, HEAD + 2 * n);
    state.set(covariance, HEAD + 3 * n);
    return state;
  }

  /** Goes on from a state of a strategy with the same options. */
  restore(state: Float64Array): void {
    const n = this.dimension;
    const [sigma, generations, evaluations, decomposed, isStale] = state;
    this.#sigma = sigma!;
    this.#generations = generations!;
    this.#evaluations = evaluations!;
    this.#decomposed = decomposed!;
    this.#isStale = isStale === 1;
    this.#mean.set(state.subarray(HEAD, HEAD + n));
    this.#sigmaPath.set(state.subarray(HEAD + n, HEAD + 2 * n));
    this.#path.set(state.subarray(HEAD + 2 * n, HEAD + 3 * n));
    this.#covariance.restore(state.subarray(HEAD + 3 * n));
  }

  #unit(): Covariance {
    return this.#options.isSeparable ? new DiagonalCovariance(this.dimension) : new FullCovariance(this.dimension);
  }

  #constants(parents: number): CmaParameters {
    let found = this.#known.get(parents);
    if (found === undefined) {
      found = this.#parameters(parents);
      this.#known.set(parents, found);
    }
    return found;
  }

  /** Decomposing a whole matrix is dear, and it changes slowly: as seldom as purecma does it. */
  #decompose(): void {
    if (!this.#isStale) return;
    if (!this.#options.isSeparable) {
      const { rankOne, rankMu } = this.#constants(Math.max(1, this.batch >> 1));
      const gap = (0.5 * this.batch) / ((rankOne + rankMu) * this.dimension);
      if (this.#evaluations <= this.#decomposed + gap) return;
    }
    this.#covariance.refresh();
    this.#decomposed = this.#evaluations;
    this.#isStale = false;
  }
}

/** Single numbers at the head of a state. */
const HEAD = 5;
