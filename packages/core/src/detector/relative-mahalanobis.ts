import type { Detector } from './detector.ts';
import { squaredDistanceNodes, squaredLengthNodes, whitenedNodes } from './graph-parts.ts';
import { fitClassGaussians, leastSquaredDistance } from './statistics/class-gaussians.ts';
import { shrinkageRemark, whitened, whiteningOf } from './statistics/whitening.ts';

/**
 * The squared Mahalanobis distance of the penultimate features to one Gaussian of all images, minus the least one to a class:
 * what only says that features are unusual in general falls out (Ren et al. 2021).
 */
export const relativeMahalanobis: Detector = {
  name: 'relative-mahalanobis',
  title: 'relative Mahalanobis distance',
  paper: 'Ren et al. 2021',
  needs: 'features',
  isShiftInvariant: true,
  isOfSoftmax: true,
  async fit(source) {
    const { all, center, whitening, means, remarks } = await fitClassGaussians(source, 'relative-mahalanobis');
    const whole = whiteningOf(all.covariance());
    const squared = (row: Float64Array): number => row.reduce((sum, value) => sum + value * value, 0);
    return {
      name: 'relative-mahalanobis',
      remarks: [...new Set([...remarks, ...shrinkageRemark(whole, all.count)])],
      parameters: { shrinkage: whitening.shrinkage, shrinkageOfAll: whole.shrinkage },
      score: ({ features }) =>
        squared(whitened(whole, features, center)) - leastSquaredDistance(whitened(whitening, features, center), means),
      graph: (b, { features }) => {
        const at = whitenedNodes(b, features, whitening, center);
        const distances = squaredDistanceNodes(b, at, means, source.numClasses);
        const least = b.op('ReduceMin', [distances, b.ints([1])], { keepdims: 0 });
        return b.op('Sub', [squaredLengthNodes(b, whitenedNodes(b, features, whole, center)), least]);
      },
    };
  },
};
