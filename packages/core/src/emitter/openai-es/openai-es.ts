/**
 * @file The evolution strategy of OpenAI (Salimans et al. 2017, arXiv 1703.03864): mirrored draws of a fixed width, weighted by their
 * ranks to an estimate of the gradient, which Adam follows (Kingma and Ba 2015, arXiv 1412.6980).
 */

import type { Random } from '../../random/random.ts';
import type { Distribution } from '../strategy/distribution.ts';

/** How a strategy begins and moves. */
export interface OpenAiOptions {
  /** The first mean. */
  readonly mean: ArrayLike<number>;
  /** Deviation of the draws, above 0. */
  readonly sigma: number;
  /** Draws in a generation: an even number, for every draw has its mirror image. */
  readonly batch: number;
  /** The length of Adam's steps in each number. */
  readonly stepSize: number;
  /** Bounds of every number; draws and means beyond them are clipped. */
  readonly bounds: readonly [lower: number, upper: number];
}

/** Decay of Adam's means, and what keeps it from dividing by 0. */
const [FIRST, SECOND, TINY] = [0.9, 0.999, 1e-8];

export class OpenAiEs implements Distribution {
  readonly normals = 'single';
  readonly dimension: number;
  readonly batch: number;
  readonly #options: OpenAiOptions;
  readonly #mean: Float64Array;
  readonly #slope: Float64Array;
  readonly #square: Float64Array;
  #steps = 0;

  constructor(options: OpenAiOptions) {
    this.#options = options;
    this.dimension = options.mean.length;
    this.batch = options.batch;
    this.#mean = Float64Array.from(options.mean);
    this.#slope = new Float64Array(this.dimension);
    this.#square = new Float64Array(this.dimension);
  }

  get mean(): Float64Array {
    return this.#mean;
  }

  ask(random: Pick<Random, 'normal'>): Float64Array {
    const { sigma, bounds } = this.#options;
    const n = this.dimension;
    const draws = new Float64Array(this.batch * n);
    const clip = (value: number): number => Math.min(bounds[1], Math.max(bounds[0], value));
    for (let row = 0; row < this.batch; row += 2) {
      for (let i = 0, at = row * n; i < n; i++, at++) {
        const step = sigma * random.normal();
        draws[at] = clip(this.#mean[i]! + step);
        draws[at + n] = clip(this.#mean[i]! - step);
      }
    }
    return draws;
  }

  /** Weighs the draws by their ranks, from 1/2 for the best one to -1/2, and takes a step of Adam up the estimate. */
  tell(draws: Float64Array, order: ArrayLike<number>): void {
    const { sigma, stepSize, bounds } = this.#options;
    const n = this.dimension;
    const gradient = new Float64Array(n);
    for (let place = 0; place < order.length; place++) {
      const weight = (0.5 - place / Math.max(1, order.length - 1)) / (order.length * sigma);
      for (let i = 0, at = order[place]! * n; i < n; i++, at++) gradient[i]! += weight * (draws[at]! - this.#mean[i]!);
    }
    this.#steps++;
    const [first, second] = [1 - FIRST ** this.#steps, 1 - SECOND ** this.#steps];
    for (let i = 0; i < n; i++) {
      this.#slope[i] = FIRST * this.#slope[i]! + (1 - FIRST) * gradient[i]!;
      this.#square[i] = SECOND * this.#square[i]! + (1 - SECOND) * gradient[i]! ** 2;
      const step = (stepSize * this.#slope[i]!) / first / (Math.sqrt(this.#square[i]! / second) + TINY);
      this.#mean[i] = Math.min(bounds[1], Math.max(bounds[0], this.#mean[i]! + step));
    }
  }

  stop(): undefined {
    return undefined;
  }

  reset(mean: ArrayLike<number>): void {
    this.#mean.set(mean);
    this.#slope.fill(0);
    this.#square.fill(0);
    this.#steps = 0;
  }

  state(): Float64Array {
    const n = this.dimension;
    const state = new Float64Array(3 * n + 1);
    state[0] = this.#steps;
    state.set(this.#mean, 1);
    state.set(this.#slope, n + 1);
    state.set(this.#square, 2 * n + 1);
    return state;
  }

  restore(state: Float64Array): void {
    const n = this.dimension;
    this.#steps = state[0]!;
    this.#mean.set(state.subarray(1, n + 1));
    this.#slope.set(state.subarray(n + 1, 2 * n + 1));
    this.#square.set(state.subarray(2 * n + 1, 3 * n + 1));
  }
}
