/**
 * @file Gradient arborescence: candidates branch off a vector along the gradients of several scores, with coefficients that CMA-ES
 * adapts (CMA-MEGA; Fontaine and Nikolaidis 2021, arXiv 2106.03894).
 */

import type { Random } from '../../random/random.ts';
import { CmaEs } from '../cma-es/cma-es.ts';
import { recombinationWeights } from '../cma-es/parameters.ts';
import type { Distribution } from '../strategy/distribution.ts';

export interface ArborescenceOptions {
  /** Where it begins. */
  readonly mean: Float64Array;
  /** How many gradients candidates branch along. */
  readonly branches: number;
  /** First deviation of the coefficients; gradients have the root mean square 1. */
  readonly sigma: number;
  readonly batch: number;
  readonly bounds: readonly [lower: number, upper: number];
}

/** The mean is the vector that branches; {@link branch} is called before each `ask`. */
export class Arborescence implements Distribution {
  readonly normals = 'bulk';
  readonly dimension: number;
  readonly batch: number;
  readonly #options: ArborescenceOptions;
  readonly #mean: Float64Array;
  readonly #coefficients: CmaEs;
  #gradients: readonly (Float32Array | undefined)[] = [];
  #drawn: Float64Array = new Float64Array(0);

  constructor(options: ArborescenceOptions) {
    this.#options = options;
    this.dimension = options.mean.length;
    this.batch = options.batch;
    this.#mean = options.mean.slice();
    const { branches, sigma, batch } = options;
    this.#coefficients = new CmaEs({ mean: new Float64Array(branches), sigma, batch, isSeparable: false });
  }

  get mean(): Float64Array {
    return this.#mean;
  }

  /**
   * Gives the gradients at the mean.
   *
   * @param gradients as many as there are branches, of any length: they are normalized here. `undefined` where there is none
   */
  branch(gradients: readonly (Float32Array | undefined)[]): void {
    this.#gradients = gradients.map((gradient) => {
      if (gradient === undefined) return undefined;
      const rms = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0) / gradient.length);
      return gradient.map((value) => value / rms);
    });
  }

  ask(random: Random): Float64Array {
    const { branches, bounds } = this.#options;
    const n = this.dimension;
    this.#drawn = this.#coefficients.ask(random);
    const draws = new Float64Array(this.batch * n);
    for (let row = 0; row < this.batch; row++) {
      const draw = draws.subarray(row * n, (row + 1) * n);
      draw.set(this.#mean);
      for (let branch = 0; branch < branches; branch++) {
        const gradient = this.#gradients[branch];
        if (gradient === undefined) continue;
        // The objective is climbed, never descended.
        const drawn = this.#drawn[row * branches + branch]!;
        const coefficient = branch === 0 ? Math.abs(drawn) : drawn;
        for (let i = 0; i < n; i++) draw[i]! += coefficient * gradient[i]!;
      }
      for (let i = 0; i < n; i++) draw[i] = Math.min(bounds[1], Math.max(bounds[0], draw[i]!));
    }
    return draws;
  }

  /** Adapts the coefficients, and moves the mean to the weighted mean of the best branches. */
  tell(draws: Float64Array, order: ArrayLike<number>, parents: number): void {
    const n = this.dimension;
    this.#coefficients.tell(this.#drawn, order, parents);
    const weights = recombinationWeights(parents);
    this.#mean.fill(0);
    for (let k = 0; k < parents; k++) {
      for (let i = 0, at = order[k]! * n; i < n; i++, at++) this.#mean[i]! += weights[k]! * draws[at]!;
    }
  }

  stop(): string | undefined {
    return this.#coefficients.stop();
  }

  reset(mean: ArrayLike<number>): void {
    this.#mean.set(mean);
    this.#coefficients.reset(new Float64Array(this.#options.branches));
  }

  state(): Float64Array {
    const own = this.#coefficients.state();
    const state = new Float64Array(this.dimension + own.length);
    state.set(this.#mean);
    state.set(own, this.dimension);
    return state;
  }

  restore(state: Float64Array): void {
    this.#mean.set(state.subarray(0, this.dimension));
    this.#coefficients.restore(state.subarray(this.dimension));
  }
}
