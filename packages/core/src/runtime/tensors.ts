/** @file Examples as the tensors that networks take. */

import type { FloatImages } from '../image/images.ts';
import type { Tensor } from './runtime.ts';

/** Images as `N x C x H x W` float32 in [0, 1]. */
export function floatTensor({ count, channels, height, width, data }: FloatImages): Tensor {
  return { type: 'float32', data, dims: [count, channels, height, width] };
}

/** Classes as N int64. */
export function classTensor(labels: Int32Array): Tensor {
  return { type: 'int64', data: BigInt64Array.from(labels, BigInt), dims: [labels.length] };
}
