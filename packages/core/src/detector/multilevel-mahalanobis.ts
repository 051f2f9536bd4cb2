import { InputError } from '../errors.ts';
import type { Detector, FitSource, LevelWidth } from './detector.ts';
import { lengthNodes, whitenedNodes } from './graph-parts.ts';
import { ledoitWolfShrinkage, shrunkTowardsIdentity } from './statistics/ledoit-wolf.ts';
import { Moments } from './statistics/moments.ts';
import { type Whitening, whitened, whiteningOf } from './statistics/whitening.ts';

/**
 * Minus the mean over the layers of a network of the Mahalanobis distance of what they take in to a Gaussian of all real images,
 * divided by the root of its dimensions (Rippel, Mertens and Merhof 2021, who sum up the distances of means over all places of an
 * image). Here logarithms of root mean squares over the places stand beside the means (their squares are the diagonal of the Gram
 * matrices of Sastry and Oore 2020), so that an image without contrast is as far away as one with too much. Each number is divided
 * by its deviation before the covariance is shrunk, and of wide layers 64 channels are looked at.
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
        gaussians.forEach(({ whitening, mean, floor }, k) => {
          const row = withLogarithms(levels!.subarray(starts[k], starts[k + 1]), source.levels[k]!, floor);
          const squares = whitened(whitening, row, mean).reduce((total, value) => total + value * value, 0);
          sum += Math.sqrt(squares / whitening.width);
        });
        return -sum / gaussians.length;
      },
      graph: (b, { levels }) => {
        const sizes = source.levels.flatMap(partsOf);
        const all = levels!();
        const parts = sizes.length === 1 ? [all] : [...b.ops('Split', [all, b.ints(sizes)], sizes.length, { axis: 1 })];
        const distances = gaussians.map(({ whitening, mean, floor }, k) => {
          const means = parts.shift()!;
          const row = hasRoots(source.levels[k]!)
            ? b.op('Concat', [means, b.op('Log', [b.op('Add', [parts.shift()!, b.scalar(floor)])])], { axis: 1 })
            : means;
          const length = lengthNodes(b, whitenedNodes(b, row, whitening, mean));
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
  /** What is added to root mean squares before their logarithm, as single precision holds it. */
  readonly floor: number;
  /** Share of the identity in the covariance of the scaled numbers. */
  readonly shrinkage: number;
}

/** Deviations below this share of a level's mean one count as that: a channel that real images leave silent. */
const LEAST_DEVIATION = 0.01;
/** Root mean squares below this share of a level's mean one are as good as 0. */
const LEAST_ROOT = 1e-3;

function hasRoots({ channels, width }: LevelWidth): boolean {
  return width > channels;
}

function partsOf(level: LevelWidth): readonly number[] {
  return hasRoots(level) ? [level.channels, level.channels] : [level.channels];
}

function startsOf(levels: readonly LevelWidth[]): readonly number[] {
  let end = 0;
  return [
    0,
    ...levels.map(({ width }) => {
      end += width;
      return end;
    }),
  ];
}

/** The numbers of a level as they are compared: means, and logarithms of root mean squares. */
function withLogarithms(row: Float32Array, { channels }: LevelWidth, floor: number): Float64Array {
  return Float64Array.from(row, (value, i) => (i < channels ? value : Math.log(value + floor)));
}

/** Three passes: the size of root mean squares, means and covariances, and the fourth powers of distances for the shrinkage. */
async function fitLevels(source: FitSource): Promise<readonly LevelGaussian[]> {
  const { levels, count } = source;
  if (count < 2) throw new InputError('multilevel-mahalanobis needs two images at least for a covariance; add some');
  const starts = startsOf(levels);
  const roots = new Float64Array(levels.length);
  await forEachLevel(source, starts, (row, k) => {
    for (let i = levels[k]!.channels; i < row.length; i++) roots[k]! += row[i]! / (count * levels[k]!.channels);
  });
  const floors = [...roots].map((root) => Math.fround(Math.max(LEAST_ROOT * root, Number.MIN_VALUE)));
  const moments = levels.map(({ width }) => new Moments(width));
  await forEachLevel(source, starts, (row, k) => moments[k]!.add(withLogarithms(row, levels[k]!, floors[k]!)));
  const scales = moments.map(scalesOf);
  const fourths = new Float64Array(levels.length);
  await forEachLevel(source, starts, (row, k) => {
    const { mean } = moments[k]!;
    const square = withLogarithms(row, levels[k]!, floors[k]!).reduce(
      (sum, value, i) => sum + ((value - mean[i]!) * scales[k]![i]!) ** 2,
      0,
    );
    fourths[k]! += square * square;
  });
  return moments.map((each, k) => {
    const scale = scales[k]!;
    const rows = each.covariance().map((row, i) => row.map((value, j) => value * scale[i]! * scale[j]!));
    const shrinkage = ledoitWolfShrinkage(rows, each.count, fourths[k]!);
    const { width, matrix, shrinkage: further } = whiteningOf(shrunkTowardsIdentity(rows, shrinkage));
    return {
      mean: each.mean,
      whitening: { width, matrix: matrix.map((value, at) => value * scale[at % width]!), shrinkage: further },
      floor: floors[k]!,
      shrinkage: 1 - (1 - shrinkage) * (1 - further),
    };
  });
}

/** Goes over the numbers of each level of each image, in one pass. */
async function forEachLevel(
  source: FitSource,
  starts: readonly number[],
  visit: (row: Float32Array, level: number) => void,
): Promise<void> {
  const whole = starts.at(-1)!;
  for await (const { count, levels } of source.batches()) {
    for (let row = 0; row < count; row++) {
      for (let k = 0; k + 1 < starts.length; k++) {
        visit(levels.subarray(row * whole + starts[k]!, row * whole + starts[k + 1]!), k);
      }
    }
  }
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
