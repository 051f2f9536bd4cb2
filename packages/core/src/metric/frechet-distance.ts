/** @file How far two sets of images are apart in the features of a network: the Frechet distance of two Gaussians. */

import type { Features } from '../classifier/scores.ts';
import { Moments } from '../detector/statistics/moments.ts';
import { symmetricEigen } from '../detector/statistics/whitening.ts';
import { InputError } from '../errors.ts';

/** Mean and covariance of features. */
export interface FeatureGaussian {
  readonly count: number;
  readonly mean: Float64Array;
  /** About the mean, divided by one less than the count; `width` rows. */
  readonly covariance: readonly Float64Array[];
}

/**
 * The Gaussian of features.
 *
 * @throws InputError where there are fewer than two rows, or a feature is not finite
 */
export function featureGaussian({ count, width, data }: Features): FeatureGaussian {
  if (count < 2)
    throw new InputError(`A Frechet distance needs at least two images of each kind, and there is ${count}`);
  if (!data.every(Number.isFinite)) throw new InputError('A feature is not finite, so there is no Frechet distance');
  const moments = new Moments(width);
  for (let row = 0; row < count; row++) moments.add(data.subarray(row * width, (row + 1) * width));
  const covariance = moments.covariance();
  for (const row of covariance) for (let i = 0; i < width; i++) row[i]! *= count / (count - 1);
  return { count, mean: moments.mean, covariance };
}

/**
 * The squared Frechet distance of two Gaussians, `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))` (Dowson and Landau 1982; as the "FID" of
 * Heusel et al. 2017 has it, in whatever features are given). The trace of the root is that of the symmetric `(C1^(1/2) C2 C1^(1/2))^(1/2)`,
 * which has the same eigenvalues; those that rounding has made negative count as 0.
 *
 * It is larger for fewer images: compare only distances of equally many, and with that of real images to others.
 *
 * @throws InputError where the widths differ
 */
export function frechetDistance(one: FeatureGaussian, other: FeatureGaussian): number {
  const width = one.mean.length;
  if (other.mean.length !== width) {
    throw new InputError(
      `Features of ${width} and of ${other.mean.length} numbers have no distance; take one network for both`,
    );
  }
  let distance = 0;
  for (let i = 0; i < width; i++) {
    distance += (one.mean[i]! - other.mean[i]!) ** 2 + one.covariance[i]![i]! + other.covariance[i]![i]!;
  }
  const root = symmetricRoot(one.covariance);
  const { values } = symmetricEigen(product(product(root, other.covariance), root, true));
  for (const value of values) distance -= 2 * Math.sqrt(Math.max(0, value));
  return Math.max(0, distance);
}

/** The root of a symmetric matrix without negative eigenvalues. */
export function symmetricRoot(rows: readonly Float64Array[]): Float64Array[] {
  const width = rows.length;
  const { values, vectors } = symmetricEigen(rows);
  const root = Array.from({ length: width }, () => new Float64Array(width));
  vectors.forEach((vector, k) => {
    const scale = Math.sqrt(Math.max(0, values[k]!));
    if (scale === 0) return;
    for (let i = 0; i < width; i++) {
      const row = root[i]!;
      const own = scale * vector[i]!;
      for (let j = 0; j < width; j++) row[j]! += own * vector[j]!;
    }
  });
  return root;
}

/** @param isSymmetric whether the product is, so that rounding must not make it otherwise */
function product(a: readonly Float64Array[], b: readonly Float64Array[], isSymmetric = false): Float64Array[] {
  const width = b.length;
  const result = a.map((row) => {
    const sums = new Float64Array(width);
    for (let k = 0; k < width; k++) {
      const [factor, other] = [row[k]!, b[k]!];
      if (factor !== 0) for (let j = 0; j < width; j++) sums[j]! += factor * other[j]!;
    }
    return sums;
  });
  if (isSymmetric) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < i; j++) {
        const mean = (result[i]![j]! + result[j]![i]!) / 2;
        result[i]![j] = mean;
        result[j]![i] = mean;
      }
    }
  }
  return result;
}
