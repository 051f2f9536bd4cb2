/** @file The one number that logits are divided by so that confidences fit how often they are right. */

/** Rows of logits with their right classes. */
export interface LabelledLogits {
  readonly numClasses: number;
  /** `count x classes`, row-major, finite. */
  readonly data: ArrayLike<number>;
  /** The right class of each row. */
  readonly labels: ArrayLike<number>;
}

/** The temperatures that are looked at. */
const [LEAST, MOST] = [1e-3, 1e3];

/** Steps of the search: more than it takes to halve the range down to the last digits of a double. */
const STEPS = 200;

/**
 * Temperature scaling (Guo et al. 2017, section 4.2): the T > 0 at which softmax(logits / T) has the least negative
 * log-likelihood. In 1/T the likelihood is convex, so its slope is zero in one place at most; it is found by Newton's steps, halved
 * where they leave the range in which the slope changes its sign.
 *
 * @returns `undefined` where there is no such T within 0.001 to 1000: all rows are right, or they are right no more often than
 *   chance
 */
export function fitTemperature(logits: LabelledLogits): number | undefined {
  if (logits.labels.length === 0 || logits.numClasses < 2) return undefined;
  let [low, high] = [1 / MOST, 1 / LEAST];
  if (slopeAt(logits, low).slope >= 0 || slopeAt(logits, high).slope <= 0) return undefined;
  let at = 1;
  for (let step = 0; step < STEPS && high - low > 1e-13 * high; step++) {
    const { slope, curvature } = slopeAt(logits, at);
    if (slope === 0) break;
    if (slope < 0) low = at;
    else high = at;
    const next = at - slope / curvature;
    // Geometric: the range covers six powers of ten.
    at = next > low && next < high ? next : Math.sqrt(low * high);
  }
  return 1 / at;
}

/** First and second derivative of the summed negative log-likelihood with respect to 1/T. */
function slopeAt({ numClasses, data, labels }: LabelledLogits, inverse: number): { slope: number; curvature: number } {
  let [slope, curvature] = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    const from = row * numClasses;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < numClasses; k++) largest = Math.max(largest, data[from + k]!);
    let [sum, first, second] = [0, 0, 0];
    for (let k = 0; k < numClasses; k++) {
      const z = data[from + k]! - largest;
      const weight = Math.exp(inverse * z);
      sum += weight;
      first += weight * z;
      second += weight * z * z;
    }
    const mean = first / sum;
    slope += mean - (data[from + labels[row]!]! - largest);
    curvature += second / sum - mean * mean;
  }
  return { slope, curvature };
}
