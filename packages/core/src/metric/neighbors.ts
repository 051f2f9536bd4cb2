/** @file Nearest neighbours among rows of numbers, by Euclidean distance, in double precision. */

/** Rows of one length. */
export interface Rows {
  readonly count: number;
  readonly width: number;
  /** `count x width`, row-major. */
  readonly data: ArrayLike<number>;
}

/** Terms between two looks whether a distance is beyond its limit. */
const STRIDE = 64;

/**
 * The squared distance of two rows.
 *
 * @param limit beyond which it is of no matter: what is given back is then no less than this
 */
export function squaredDistance(a: Rows, row: number, b: Rows, other: number, limit = Infinity): number {
  const { width, data } = a;
  const [start, from, theirs] = [row * width, other * width, b.data];
  let sum = 0;
  for (let first = 0; first < width && sum < limit; first += STRIDE) {
    const end = Math.min(first + STRIDE, width);
    for (let i = first; i < end; i++) {
      const away = data[start + i]! - theirs[from + i]!;
      sum += away * away;
    }
  }
  return sum;
}

/** The nearest row to another one. */
export interface Nearest {
  readonly index: number;
  readonly distance: number;
}

/**
 * For each row the nearest of others; of several equally near, the first.
 *
 * @param among at least one
 */
export function nearestRows(rows: Rows, among: Rows): readonly Nearest[] {
  return Array.from({ length: rows.count }, (_, row): Nearest => {
    let [index, least] = [0, Infinity];
    for (let other = 0; other < among.count; other++) {
      const squared = squaredDistance(rows, row, among, other, least);
      if (squared < least) [index, least] = [other, squared];
    }
    return { index, distance: Math.sqrt(least) };
  });
}

/**
 * For each row the squared distance to its k-th neighbour among the others of the same set.
 *
 * @param k from 1, less than the number of rows
 */
export function neighborRadii(rows: Rows, k: number): Float64Array {
  const radii = new Float64Array(rows.count);
  // The k least, ascending.
  const nearest = new Float64Array(k);
  for (let row = 0; row < rows.count; row++) {
    nearest.fill(Infinity);
    for (let other = 0; other < rows.count; other++) {
      if (other === row) continue;
      const squared = squaredDistance(rows, row, rows, other, nearest[k - 1]!);
      if (squared >= nearest[k - 1]!) continue;
      let at = k - 1;
      for (; at > 0 && nearest[at - 1]! > squared; at--) nearest[at] = nearest[at - 1]!;
      nearest[at] = squared;
    }
    radii[row] = nearest[k - 1]!;
  }
  return radii;
}
