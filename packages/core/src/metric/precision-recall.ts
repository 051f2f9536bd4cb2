/** @file Precision and recall of a generator (Kynkaanniemi et al. 2019, arXiv 1904.06991): what is real of what it makes, and how much of what is real. */

import { InputError } from '../errors.ts';
import { neighborRadii, type Rows, squaredDistance } from './neighbors.ts';

/** Shares in [0, 1], each with how many of how many. */
export interface PrecisionRecall {
  /** Generated images that lie within the balls of real ones. */
  readonly precision: number;
  /** Real images that lie within the balls of generated ones. */
  readonly recall: number;
  readonly within: { readonly generated: number; readonly real: number };
}

/** Which neighbour gives a ball its radius, as in the paper. */
export const PRECISION_NEIGHBOR = 3;

/**
 * The balls around the images of a set, each with the radius to its k-th neighbour in the set, stand for what the set covers.
 * Precision is the share of generated images that the real ones cover; recall, the share of real images that the generated ones
 * cover. Both depend on how many images there are: take equally many of each.
 *
 * @param real features, at least k + 1 rows; `generated` likewise
 * @throws InputError where there are fewer, or the widths differ
 */
export function precisionRecall(real: Rows, generated: Rows, k: number = PRECISION_NEIGHBOR): PrecisionRecall {
  if (real.width !== generated.width) {
    throw new InputError(
      `Features of ${real.width} and of ${generated.width} numbers cannot be compared; take one network for both`,
    );
  }
  const least = Math.min(real.count, generated.count);
  if (least <= k) {
    throw new InputError(
      `Precision and recall by the ${k}th neighbour need at least ${k + 1} images of each kind, and there are ${least}`,
    );
  }
  const within = {
    generated: covered(generated, real, neighborRadii(real, k)),
    real: covered(real, generated, neighborRadii(generated, k)),
  };
  return { precision: within.generated / generated.count, recall: within.real / real.count, within };
}

/** How many rows lie within a ball of another set. */
function covered(rows: Rows, centers: Rows, radii: Float64Array): number {
  let count = 0;
  for (let row = 0; row < rows.count; row++) {
    for (let center = 0; center < centers.count; center++) {
      if (squaredDistance(rows, row, centers, center) <= radii[center]!) {
        count++;
        break;
      }
    }
  }
  return count;
}
