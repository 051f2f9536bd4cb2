import type { LastLayer } from '../classifier/last-layer.ts';
import { InputError } from '../errors.ts';
import type { Detector } from './detector.ts';
import { centeredNodes, lengthNodes, productNodes } from './graph-parts.ts';
import { logSumExp, logSumExpNodes } from './log-sum-exp.ts';
import { featuresOf } from './statistics/class-gaussians.ts';
import { Moments } from './statistics/moments.ts';
import { symmetricEigen } from './statistics/whitening.ts';

/** Eigenvalues below this share of the largest count as 0. */
const RANK = 1e-10;

/**
 * Virtual-logit matching (Wang et al. 2022): the energy minus alpha times the length of the features' residual outside of the
 * principal subspace, from the origin `-W^+ b` at which all logits are 0. Alpha makes the virtual logit of the real images as
 * large as their largest one, on average. The subspace has 1000 dimensions of 2048 features or more, 512 of 768 or more, and else
 * half of them, as theirs.
 */
export const vim: Detector = {
  name: 'vim',
  title: 'virtual-logit matching',
  paper: 'Wang et al. 2022',
  needs: 'features',
  needsLayer: true,
  isShiftInvariant: false,
  isOfSoftmax: true,
  async fit(source) {
    const { width, numClasses } = source;
    const layer = source.layer!;
    const origin = originOf(layer);
    const about = new Moments(width);
    for await (const batch of source.batches()) {
      for (let row = 0; row < batch.count; row++) about.add(featuresOf(batch, width, row));
    }
    if (about.count < 2) throw new InputError(`vim needs at least two images, and there is ${about.count}`);
    const covariance = about.covariance();
    // About the origin instead of the mean.
    const away = about.mean.map((value, i) => value - origin[i]!);
    covariance.forEach((own, i) => {
      for (let j = 0; j < width; j++) own[j]! += away[i]! * away[j]!;
    });
    const { vectors } = symmetricEigen(covariance);
    // The smallest first.
    const rest = width - principalDimensions(width);
    const space = new Float64Array(rest * width);
    for (let k = 0; k < rest; k++) space.set(vectors[k]!, k * width);
    const residual = (features: Float32Array): number => {
      let squares = 0;
      for (let k = 0; k < rest; k++) {
        let sum = 0;
        for (let i = 0; i < width; i++) sum += space[k * width + i]! * (features[i]! - origin[i]!);
        squares += sum * sum;
      }
      return Math.sqrt(squares);
    };
    let [largest, residuals] = [0, 0];
    for await (const batch of source.batches()) {
      for (let row = 0; row < batch.count; row++) {
        largest += Math.max(...batch.logits.subarray(row * numClasses, (row + 1) * numClasses));
        residuals += residual(featuresOf(batch, width, row));
      }
    }
    if (!(residuals > 1e-6 * about.count * lengthOf(away))) {
      throw new InputError(
        `vim has nothing to measure: the features of the real images lie within ${principalDimensions(width)} dimensions of ${width}`,
      );
    }
    const alpha = largest / residuals;
    return {
      name: 'vim',
      remarks: [
        ...(about.count <= width
          ? [`${about.count} images are few for the principal subspace of ${width} features; give more than ${width}`]
          : []),
        ...(alpha > 0
          ? []
          : ['the largest logits of the real images are negative on average, which turns the virtual logit round']),
      ],
      parameters: { alpha, dimensions: principalDimensions(width) },
      score: ({ logits, features }) => logSumExp(logits) - alpha * residual(features),
      graph: (b, { logits, features }) => {
        const outside = productNodes(b, centeredNodes(b, features, origin), space, rest, width);
        const virtual = b.op('Mul', [lengthNodes(b, outside), b.scalar(alpha)]);
        return b.op('Sub', [logSumExpNodes(b, logits), virtual]);
      },
    };
  },
};

/** Dimensions of the principal subspace. */
function principalDimensions(width: number): number {
  if (width >= 2048) return 1000;
  return width >= 768 ? 512 : Math.floor(width / 2);
}

function lengthOf(row: Float64Array): number {
  return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
}

/** `-W^+ b = -W^T (W W^T)^+ b`: the features nearest to 0 at which the logits are nearest to 0. */
function originOf({ weight, bias, numClasses, width }: LastLayer): Float64Array {
  const gram = Array.from({ length: numClasses }, (_, k) =>
    Float64Array.from({ length: numClasses }, (_, l) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += weight[k * width + i]! * weight[l * width + i]!;
      return sum;
    }),
  );
  const { values, vectors } = symmetricEigen(gram);
  const least = RANK * values.at(-1)!;
  const solved = new Float64Array(numClasses);
  vectors.forEach((vector, at) => {
    if (values[at]! <= least) return;
    const along = vector.reduce((sum, value, k) => sum + value * bias[k]!, 0) / values[at]!;
    for (let k = 0; k < numClasses; k++) solved[k]! += along * vector[k]!;
  });
  const origin = new Float64Array(width);
  for (let k = 0; k < numClasses; k++) {
    for (let i = 0; i < width; i++) origin[i]! -= weight[k * width + i]! * solved[k]!;
  }
  return origin;
}
