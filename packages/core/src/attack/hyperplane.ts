/** @file The nearest point of a hyperplane inside the box [0, 1]: the step that DeepFool and FAB are made of. */

import { length, type Norm } from './norm.ts';

/**
 * The shortest move from an image, within the box, that raises a linear function by a given amount; the longest possible
 * one where the box ends before (Croce and Hein 2020, arXiv 1907.02044, section 2 and appendix A).
 *
 * Values move along the gradient: by min(t, room) for Linf, by min(t |w_i|, room) for L2, with t found by bisection; for
 * L1 the steepest go to the end of the box, one after the other.
 *
 * @param weights the gradient of the function
 * @param amount at least 0
 */
export function stepTo(
  image: Float32Array,
  weights: Float32Array,
  amount: number,
  norm: Exclude<Norm, 'l0'>,
): Float32Array {
  const step = new Float32Array(image.length);
  const largest = length(weights, 'linf');
  if (largest === 0 || amount <= 0) return step;
  const room = (i: number): number => (weights[i]! > 0 ? 1 - image[i]! : image[i]!);
  if (norm === 'l1') {
    const order = Array.from(weights.keys()).sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!) || a - b);
    let left = amount;
    for (const i of order) {
      const size = Math.abs(weights[i]!);
      if (left <= 0 || size === 0) break;
      const part = Math.min(room(i), left / size);
      step[i] = Math.sign(weights[i]!) * part;
      left -= part * size;
    }
    return step;
  }
  const write = (t: number): number => {
    let gain = 0;
    for (let i = 0; i < step.length; i++) {
      const size = Math.abs(weights[i]!);
      if (size === 0) continue;
      const part = Math.min(room(i), norm === 'linf' ? t : (t * size) / largest);
      step[i] = Math.sign(weights[i]!) * part;
      gain += part * size;
    }
    return gain;
  };
  // Without the box this is the solution, and with it the solution is no shorter.
  let squares = 0;
  for (let i = 0; i < weights.length; i++) squares += (weights[i]! / largest) ** 2;
  const free = norm === 'linf' ? amount / length(weights, 'l1') : amount / largest / squares;
  if (write(free) >= amount * (1 - 1e-6)) return step;
  let [low, high] = [free, free * 2];
  for (let gain = write(high), before = -1; gain < amount && gain > before; before = gain, gain = write(high)) {
    low = high;
    high *= 2;
  }
  for (let pass = 0; pass < 40 && high - low > 1e-6 * high; pass++) {
    const middle = (low + high) / 2;
    if (write(middle) < amount) low = middle;
    else high = middle;
  }
  write(high);
  return step;
}
