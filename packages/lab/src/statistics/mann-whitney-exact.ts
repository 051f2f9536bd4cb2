/** @file The test of Mann and Whitney, exactly. */

/**
 * The two-sided p of the test of Mann and Whitney (1947) for few values, where the normal approximation is poor: how many of all ways to deal
 * the pooled values out to the two samples give a U as far from its middle, or farther. Values that are equal share their mean rank, so it
 * is exact with ties as well (a permutation test), and infinite values are allowed: those count as larger than all others, and equal.
 *
 * @param first at least one value, as `second`; no more than about a hundred together
 */
export function mannWhitneyExact(first: readonly number[], second: readonly number[]): number {
  const all = [...first, ...second].sort((a, b) => (a === b ? 0 : a - b));
  // Twice the mean rank of each value: a whole number.
  const doubled = new Map<number, number>();
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to] === all[from]) to++;
    doubled.set(all[from]!, from + 1 + to);
    from = to;
  }
  const ranks = all.map((value) => doubled.get(value)!);
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const observed = first.reduce((sum, value) => sum + doubled.get(value)!, 0);
  // ways[k][s]: of the values so far, how many choices of k have the sum s.
  const ways = Array.from({ length: first.length + 1 }, () => new Float64Array(total + 1));
  ways[0]![0] = 1;
  for (const rank of ranks) {
    for (let k = first.length; k >= 1; k--) {
      const [into, from] = [ways[k]!, ways[k - 1]!];
      for (let sum = total; sum >= rank; sum--) into[sum]! += from[sum - rank]!;
    }
  }
  const counts = ways[first.length]!;
  const [below, above, every] = [counts.subarray(0, observed + 1), counts.subarray(observed), counts].map((some) =>
    some.reduce((sum, count) => sum + count, 0),
  ) as [number, number, number];
  return Math.min(1, (2 * Math.min(below, above)) / every);
}
