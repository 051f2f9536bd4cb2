/** @file How far a covariance of few rows is to be shrunk. */

/**
 * The share of the identity, times the mean variance, that takes the place of a covariance so that the expected squared error is
 * least (Ledoit and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", lemma 3.2 to 3.5).
 *
 * @param rows the covariance about the mean, divided by `count`
 * @param count rows that it is of
 * @param fourth the sum over these of the fourth power of their distance to the mean
 * @returns from 0 to 1
 */
export function ledoitWolfShrinkage(rows: readonly Float64Array[], count: number, fourth: number): number {
  const width = rows.length;
  const mean = rows.reduce((sum, row, i) => sum + row[i]!, 0) / width;
  let [size, away] = [0, 0];
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) {
      size += row[j]! ** 2;
      away += (row[j]! - (i === j ? mean : 0)) ** 2;
    }
  });
  if (away === 0) return 0;
  return Math.min(1, Math.max(0, (fourth / count - size) / count / away));
}

/** A covariance with a share of it replaced by the identity times its mean variance. */
export function shrunkTowardsIdentity(rows: readonly Float64Array[], share: number): Float64Array[] {
  const mean = rows.reduce((sum, row, i) => sum + row[i]!, 0) / rows.length;
  return rows.map((row, i) => row.map((value, j) => (1 - share) * value + (i === j ? share * mean : 0)));
}
