import { InputError } from '../errors.ts';
import type { Detector, FitSource } from './detector.ts';
import { lengthNodes, whitenedNodes } from './graph-parts.ts';
import { ledoitWolfShrinkage, shrunkTowardsIdentity } from './statistics/ledoit-wolf.ts';
import { Moments } from './statistics/moments.ts';
import { type Whitening, whitened, whiteningOf } from './statistics/whitening.ts';

/**
 * Minus the mean over the layers of a network of the Mahalanobis distance of what they take in to a Gaussian of all real images,
 * divided by the root of its dimensions (Rippel, Mertens and Merhof 2021, who sum up the distances of means over all places of an
 * image). Here root mean squares over the places stand beside the means (the diagonal of the Gram matrices of Sastry and Oore 2020),
 * each number is divided by its deviation before the covariance is shrunk, and of wide layers 64 channels are looked at.
 */
export const multilevelMahalanobis: Detector = {
  name: 'multilevel-mahalanobis',
  title: 'Mahalanobis distances of all layers',
  paper: 'Rippel, Mertens and Merhof 2021',
  needs: 'levels',
  isShiftInvariant: true,
  isOfSoftmax: false,
  async fit(source) {
    const gaussians = await fitLevels(source);
    const starts = startsOf(source.levels);
    return {
      name: 'multilevel-mahalanobis',
      readsLevels: true,
      remarks: [],
      parameters: {
        levels: gaussians.length,
        largestShrinkage: gaussians.reduce((most, { shrinkage }) => Math.max(most, shrinkage), 0),
      },
      score: ({ levels }) => {
        let sum = 0;
        gaussians.forEach(({ whitening, mean }, k) => {
          const row = levels!.subarray(starts[k], starts[k + 1]);
          const squares = whitened(whitening, row, mean).reduce((total, value) => total + value * value, 0);
          sum += Math.sqrt(squares / whitening.width);
        });
        return -sum / gaussians.length;
      },
      graph: (b, { levels }) => {
        const all = levels!();
        const parts =
          source.levels.length === 1
            ? [all]
            : b.ops('Split', [all, b.ints(source.levels)], source.levels.length, { axis: 1 });
        const distances = gaussians.map(({ whitening, mean }, k) => {
          const length = lengthNodes(b, whitenedNodes(b, parts[k]!, whitening, mean));
          return b.op('Mul', [length, b.scalar(-1 / (Math.sqrt(whitening.width) * gaussians.length))]);
        });
        return distances.length === 1 ? distances[0]! : b.op('Sum', distances);
      },
    };
  },
};

/** A Gaussian of what one layer takes in. */
interface LevelGaussian {
  readonly mean: Float64Array;
  readonly whitening: Whitening;
  /** Share of the identity in the covariance of the scaled numbers. */
  readonly shrinkage: number;
}

/** Deviations below this share of a level's mean one count as that: a channel that real images leave silent. */
const LEAST_DEVIATION = 0.01;

function startsOf(widths: readonly number[]): readonly number[] {
  let end = 0;
  return [0, ...widths.map((width) => (end += width))];
}

/** Two passes: means and covariances, then the fourth powers of distances that the shrinkage asks for. */
async function fitLevels(source: FitSource): Promise<readonly LevelGaussian[]> {
  const { levels, count } = source;
  if (count < 2) throw new InputError('multilevel-mahalanobis needs two images at least for a covariance; add some');
  const starts = startsOf(levels);
  const whole = starts.at(-1)!;
  const moments = levels.map((width) => new Moments(width));
  for await (const batch of source.batches()) {
    for (let row = 0; row < batch.count; row++) {
      moments.forEach((each, k) => {
        each.add(batch.levels.subarray(row * whole + starts[k]!, row * whole + starts[k + 1]!));
      });
    }
  }
  const scales = moments.map(scalesOf);
  const fourths = new Float64Array(levels.length);
  for await (const batch of source.batches()) {
    for (let row = 0; row < batch.count; row++) {
      moments.forEach(({ mean }, k) => {
        let square = 0;
        for (let i = 0; i < mean.length; i++) {
          square += ((batch.levels[row * whole + starts[k]! + i]! - mean[i]!) * scales[k]![i]!) ** 2;
        }
        fourths[k]! += square * square;
      });
    }
  }
  return moments.map((each, k) => {
    const scale = scales[k]!;
    const rows = each.covariance().map((row, i) => row.map((value, j) => value * scale[i]! * scale[j]!));
    const shrinkage = ledoitWolfShrinkage(rows, each.count, fourths[k]!);
    const { width, matrix, shrinkage: further } = whiteningOf(shrunkTowardsIdentity(rows, shrinkage));
    return {
      mean: each.mean,
      whitening: { width, matrix: matrix.map((value, at) => value * scale[at % width]!), shrinkage: further },
      shrinkage: 1 - (1 - shrinkage) * (1 - further),
    };
  });
}

/** One over the deviation of each number. */
function scalesOf(moments: Moments): Float64Array {
  const deviations = moments.covariance().map((row, i) => Math.sqrt(row[i]!));
  const mean = deviations.reduce((sum, each) => sum + each, 0) / deviations.length;
  if (!(mean > 0 && Number.isFinite(mean))) {
    throw new InputError(
      'multilevel-mahalanobis needs real images that differ: one of the layers takes in the same for all of them',
    );
  }
  return Float64Array.from(deviations, (deviation) => 1 / Math.max(deviation, LEAST_DEVIATION * mean));
}
