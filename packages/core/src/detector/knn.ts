import { InputError } from '../errors.ts';
import { Random } from '../random/random.ts';
import type { Detector } from './detector.ts';
import { lengthNodes, numbers } from './graph-parts.ts';
import { featuresOf } from './statistics/class-gaussians.ts';
import { Reservoir } from './statistics/reservoir.ts';

/** Which neighbour. */
const K = 50;

/** Numbers in the stored features at most: 16 MB in the guarded model. */
const MOST_NUMBERS = 2 ** 22;

const STREAM = 0x6b6e6e;

/** No length is taken for smaller. */
const LEAST_LENGTH = 1e-12;

/**
 * Minus the distance of the penultimate features to the 50th nearest of those of the real images, all scaled to length 1 (Sun et
 * al. 2022). The features of the real images are part of the detector; where there are more than 2^22 numbers, those of a sample.
 */
export const knn: Detector = {
  name: 'knn',
  title: 'nearest neighbours',
  paper: 'Sun et al. 2022',
  needs: 'features',
  isShiftInvariant: true,
  isOfSoftmax: false,
  async fit(source) {
    const { width } = source;
    const most = Math.max(K, Math.floor(MOST_NUMBERS / width));
    const reservoir = new Reservoir(width, most, Random.stream(source.seed, STREAM));
    for await (const batch of source.batches()) {
      for (let row = 0; row < batch.count; row++) reservoir.add(unit(featuresOf(batch, width, row)));
    }
    const { rows, count, offered } = reservoir;
    if (count < K)
      throw new InputError(`knn needs ${K} images to find the ${K}th neighbour among, and there are ${count}`);
    return {
      name: 'knn',
      remarks: [
        offered > count
          ? `the features of ${count} of ${offered} images are stored, a sample, to keep the file small`
          : `the features of all ${count} images are stored in the file`,
      ],
      parameters: { k: K, stored: count },
      score: ({ features }) => {
        const at = unit(features);
        const similarities = Float64Array.from({ length: count }, (_, row) => {
          let sum = 0;
          for (let i = 0; i < width; i++) sum += at[i]! * rows[row * width + i]!;
          return sum;
        });
        const kth = kthLargest(similarities, K);
        let sum = 0;
        for (let i = 0; i < width; i++) sum += (at[i]! - rows[kth * width + i]!) ** 2;
        return -Math.sqrt(sum);
      },
      graph: (b, { features }) => {
        const length = b.op('Unsqueeze', [lengthNodes(b, features), b.ints([1])]);
        const at = b.op('Div', [features, b.op('Max', [length, b.scalar(LEAST_LENGTH)])]);
        const stored = numbers(b, rows, [count, width]);
        const similarities = b.op('MatMul', [at, b.op('Transpose', [stored], { perm: [1, 0] })]);
        const [, places] = b.ops('TopK', [similarities, b.ints([K])], 2, { axis: 1, largest: 1, sorted: 1 });
        // From the neighbour itself: of a similarity near 1 single precision leaves little of the distance.
        const kth = b.op(
          'Gather',
          [places!, b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(K - 1)) })],
          {
            axis: 1,
          },
        );
        const neighbour = b.op('Gather', [stored, kth], { axis: 0 });
        return b.op('Neg', [lengthNodes(b, b.op('Sub', [at, neighbour]))]);
      },
    };
  },
};

/** Scaled to length 1. */
function unit(row: Float32Array): Float32Array {
  let sum = 0;
  for (const value of row) sum += value * value;
  const length = Math.max(Math.sqrt(sum), LEAST_LENGTH);
  return row.map((value) => value / length);
}

/** The place of the k-th largest value. */
function kthLargest(values: Float64Array, k: number): number {
  const kth = values.slice().sort()[values.length - k]!;
  return values.indexOf(kth);
}
