/** @file The draws that a strategy recombines, and what it needs of them. */

/** Draws in an order. The step of a parent is how far its draw lies from the mean that was drawn around. */
export interface Parents {
  /** `N x dimension`. */
  readonly draws: Float64Array;
  /** Rows of the draws, best first; the first of them are the parents. */
  readonly order: ArrayLike<number>;
  /** One for each parent. */
  readonly weights: Float64Array;
  /** `dimension` numbers. */
  readonly mean: Float64Array;
}

/** Sums over parents, number by number. */
export interface Recombination {
  /** Of their steps, each times its weight. */
  readonly shift: Float64Array;
  /** Of the squares of their steps, each times its weight. */
  readonly squares: Float64Array;
}

/** Both sums in one pass: the draws are many, and reading them is what takes time. */
export function recombine({ draws, order, weights, mean }: Parents): Recombination {
  const n = mean.length;
  const shift = new Float64Array(n);
  const squares = new Float64Array(n);
  let k = 0;
  // Two parents at a time, so that the sums are read and written half as often.
  for (; k + 1 < weights.length; k += 2) {
    const [weight, other] = [weights[k]!, weights[k + 1]!];
    for (let i = 0, at = order[k]! * n, beside = order[k + 1]! * n; i < n; i++, at++, beside++) {
      const center = mean[i]!;
      const step = draws[at]! - center;
      const next = draws[beside]! - center;
      const weighted = weight * step;
      const nextWeighted = other * next;
      shift[i]! += weighted + nextWeighted;
      squares[i]! += weighted * step + nextWeighted * next;
    }
  }
  for (; k < weights.length; k++) {
    const weight = weights[k]!;
    for (let i = 0, at = order[k]! * n; i < n; i++, at++) {
      const step = draws[at]! - mean[i]!;
      shift[i]! += weight * step;
      squares[i]! += weight * step * step;
    }
  }
  return { shift, squares };
}
