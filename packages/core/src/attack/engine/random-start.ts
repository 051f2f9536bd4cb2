/** @file Random places in a ball to start from. */

import { type Ball, clip, length } from '../norm.ts';
import type { Sample } from './sample.ts';

/**
 * Moves an image to a random place in the ball, in place, and cuts it to the box. Linf: uniform (Madry et al. 2018). L2:
 * uniform direction, radius epsilon u^(1/n), so uniform in the ball. L1: uniform in the ball (exponential spacings). L0:
 * that many values, drawn anew.
 */
export function randomStart(
  image: Float32Array,
  { image: original, random }: Pick<Sample, 'image' | 'random'>,
  { norm, epsilon }: Ball,
): void {
  const size = image.length;
  if (norm === 'linf') {
    for (let i = 0; i < size; i++) image[i] = original[i]! + epsilon * (2 * random.uniform() - 1);
  } else if (norm === 'l0') {
    image.set(original);
    for (let change = 0; change < Math.min(size, epsilon); change++) image[random.integer(size)] = random.uniform();
  } else {
    const direction = new Float32Array(size);
    const exponential = (): number => -Math.log(1 - random.uniform());
    for (let i = 0; i < size; i++) {
      direction[i] = norm === 'l2' ? random.normal() : exponential() * (random.uniform() < 0.5 ? -1 : 1);
    }
    const radius = epsilon * random.uniform() ** (1 / size);
    const scale = radius / length(direction, norm);
    for (let i = 0; i < size; i++) image[i] = original[i]! + scale * direction[i]!;
  }
  clip(image);
}
