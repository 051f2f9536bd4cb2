/** @file What a search distribution over vectors can do: draw, and adapt to an order of its draws. */

import type { Random } from '../../random/random.ts';

/** A distribution over vectors of `dimension` numbers, which adapts to what its draws are worth. */
export interface Distribution {
  readonly dimension: number;
  /** Draws in a generation. */
  readonly batch: number;
  /** Its mean; a view. */
  readonly mean: Float64Array;
  /**
   * How it makes normal numbers: one by one (`Random.normal`) or in bulk (`fillNormals`). A state goes on to the same draws only where
   * they are made as before.
   */
  readonly normals: 'single' | 'bulk';
  /** `batch x dimension` draws, clipped to the bounds. */
  ask(random: Random): Float64Array;
  /**
   * Adapts.
   *
   * @param draws `N x dimension`, as they were evaluated
   * @param order rows of the draws, best first
   * @param parents how many of them are recombined, where it recombines, at least 1
   */
  tell(draws: Float64Array, order: ArrayLike<number>, parents: number): void;
  /** Why it cannot go on from where it is; `undefined` where it can. */
  stop(): string | undefined;
  /** Begins anew around another mean. */
  reset(mean: ArrayLike<number>): void;
  /** Everything that {@link restore} needs, as numbers. */
  state(): Float64Array;
  /** Goes on from a state of a distribution with the same options. */
  restore(state: Float64Array): void;
}
