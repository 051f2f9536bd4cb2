/** @file The nearest class in a space of features. */

/** The centers of classes. */
export type ClassMeans = {
  /** Features of one image. */
  readonly width: number;
  /** Mean over the classes. */
  readonly middle: Float32Array;
  /** `classes x width`. */
  readonly means: Float32Array;
};

/**
 * The mean feature of each class, and the mean of those.
 *
 * @param features `labels.length x width`
 * @param labels of the rows, `0 .. numClasses - 1`; every class has at least one
 */
export function classMeans(features: Float32Array, labels: Int32Array, numClasses: number): ClassMeans {
  const width = features.length / labels.length;
  const counts = new Float64Array(numClasses);
  const sums = new Float64Array(numClasses * width);
  labels.forEach((label, row) => {
    counts[label]!++;
    for (let i = 0; i < width; i++) sums[label * width + i]! += features[row * width + i]!;
  });
  const means = Float32Array.from(sums, (sum, i) => sum / counts[Math.floor(i / width)]!);
  const middle = new Float32Array(width);
  for (let i = 0; i < means.length; i++) middle[i % width]! += means[i]! / numClasses;
  return { width, middle, means };
}

/**
 * Cosines of the angles between features and the means of the classes, all seen from the middle: images that are unlike all
 * training data have features of another length, which an angle leaves out.
 *
 * @param features `N x width`
 * @returns `N x classes`
 */
export function cosines(features: Float32Array, { width, middle, means }: ClassMeans): Float32Array {
  const classes = means.length / width;
  const rows = features.length / width;
  const centered = means.map((value, i) => value - middle[i % width]!);
  const lengths = Array.from({ length: classes }, (_, label) =>
    Math.hypot(...centered.subarray(label * width, (label + 1) * width)),
  );
  const result = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const own = features.subarray(row * width, (row + 1) * width).map((value, i) => value - middle[i]!);
    const length = Math.hypot(...own);
    for (let label = 0; label < classes; label++) {
      let product = 0;
      for (let i = 0; i < width; i++) product += own[i]! * centered[label * width + i]!;
      const scale = length * lengths[label]!;
      result[row * classes + label] = scale === 0 ? 0 : product / scale;
    }
  }
  return result;
}
