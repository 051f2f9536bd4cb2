/** @file Gaussians of the features of each class, with one covariance. */

import { InputError } from '../../errors.ts';
import type { FitSource, Observations } from '../detector.ts';
import { covarianceOf, Moments, scatterWithin } from './moments.ts';
import { shrinkageRemark, type Whitening, whitened, whiteningOf } from './whitening.ts';

/** Means of the classes in coordinates in which the covariance within classes is the identity. */
export interface ClassGaussians {
  readonly all: Moments;
  /** Mean of all features, from which the coordinates are counted. */
  readonly center: Float64Array;
  readonly whitening: Whitening;
  /** `classes x width`, row-major. */
  readonly means: Float64Array;
  readonly remarks: readonly string[];
}

/** The features of one image of a batch, as a view. */
export function featuresOf({ features }: Observations, width: number, row: number): Float32Array {
  return features.subarray(row * width, (row + 1) * width);
}

/**
 * Class means and the covariance within classes, in one pass (Lee et al. 2018, equation 1).
 *
 * @throws InputError where a class has no image, or there are no more images than classes
 */
export async function fitClassGaussians(source: FitSource, detector: string): Promise<ClassGaussians> {
  const { numClasses, classNames, width } = source;
  const all = new Moments(width);
  const classes = Array.from({ length: numClasses }, () => new Moments(width, false));
  for await (const batch of source.batches()) {
    for (let row = 0; row < batch.count; row++) {
      const features = featuresOf(batch, width, row);
      all.add(features);
      classes[batch.labels[row]!]!.add(features);
    }
  }
  requireClasses(
    classes.map(({ count }) => count),
    classNames,
    1,
    detector,
  );
  if (all.count <= numClasses) {
    throw new InputError(
      `${detector} needs more images than classes for a covariance: there are ${all.count} of ${numClasses} classes`,
    );
  }
  const whitening = whiteningOf(covarianceOf(scatterWithin(all, classes), width, all.count));
  const center = all.mean;
  const means = new Float64Array(numClasses * width);
  classes.forEach(({ mean }, k) => {
    means.set(whitened(whitening, mean, center), k * width);
  });
  return { all, center, whitening, means, remarks: shrinkageRemark(whitening, all.count) };
}

/** @throws InputError naming the classes that have fewer images than `least` */
export function requireClasses(
  counts: readonly number[],
  classNames: readonly string[],
  least: number,
  detector: string,
): void {
  const missing = counts.flatMap((count, k) => (count < least ? [classNames[k]!] : []));
  if (missing.length === 0) return;
  const names = missing.slice(0, 3).join(', ') + (missing.length > 3 ? `, and ${missing.length - 3} more` : '');
  const what = least === 1 ? 'an image' : `${least} images`;
  throw new InputError(
    `${detector} needs ${what} of every class, and ${missing.length} of ${counts.length} have fewer (${names}); add some`,
  );
}

/** The least squared distance of a point to rows `count x width`. */
export function leastSquaredDistance(point: Float64Array, rows: Float64Array): number {
  const width = point.length;
  let least = Infinity;
  for (let start = 0; start < rows.length; start += width) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += (point[i]! - rows[start + i]!) ** 2;
    least = Math.min(least, sum);
  }
  return least;
}
