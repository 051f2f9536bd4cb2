/** @file Examples as the tensors that networks take. */

import { type Images, toFloat } from '../image/images.ts';
import type { Tensor } from '../runtime/runtime.ts';

/** Images as `N x C x H x W` float32 in [0, 1]. */
export function imageTensor(images: Images): Tensor {
  const { count, channels, height, width } = images;
  return { type: 'float32', data: toFloat(images).data, dims: [count, channels, height, width] };
}

/** Classes as N int64. */
export function classTensor(classes: Uint8Array): Tensor {
  return { type: 'int64', data: BigInt64Array.from(classes, BigInt), dims: [classes.length] };
}
