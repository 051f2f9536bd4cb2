import type { Detector } from './detector.ts';
import { squaredDistanceNodes, whitenedNodes } from './graph-parts.ts';
import { fitClassGaussians, leastSquaredDistance } from './statistics/class-gaussians.ts';
import { whitened } from './statistics/whitening.ts';

/**
 * Minus the least squared Mahalanobis distance of the penultimate features to the mean of a class, with one covariance for all
 * classes (Lee et al. 2018); of their ensemble of layers the last alone, without a shift of the input.
 */
export const mahalanobis: Detector = {
  name: 'mahalanobis',
  title: 'Mahalanobis distance',
  paper: 'Lee et al. 2018',
  needs: 'features',
  isShiftInvariant: true,
  isOfSoftmax: true,
  async fit(source) {
    const { center, whitening, means, remarks } = await fitClassGaussians(source, 'mahalanobis');
    return {
      name: 'mahalanobis',
      remarks,
      parameters: { shrinkage: whitening.shrinkage },
      score: ({ features }) => -leastSquaredDistance(whitened(whitening, features, center), means),
      graph: (b, { features }) => {
        const at = whitenedNodes(b, features, whitening, center);
        const distances = squaredDistanceNodes(b, at, means, source.numClasses);
        return b.op('Neg', [b.op('ReduceMin', [distances, b.ints([1])], { keepdims: 0 })]);
      },
    };
  },
};
