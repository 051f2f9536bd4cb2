/** @file The nearest point of a hyperplane inside the box [0, 1]: the step that DeepFool and FAB are made of. */

import { dual, length, type Norm } from '../norm.ts';

/** A function's value and gradient at an image. */
export interface Linearised {
  readonly value: number;
  /** `C x H x W`. */
  readonly gradient: Float32Array;
}

/**
 * The place of the nearest of the hyperplanes on which linearized functions are zero, by |f| / |w|_q, the box left aside;
 * `undefined` where none of them has a slope.
 */
export function nearestPlane(functions: readonly Linearised[], norm: Exclude<Norm, 'l0'>): number | undefined {
  let nearest: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [place, { value, gradient }] of functions.entries()) {
    const slope = length(gradient, dual(norm));
    if (slope === 0 || Math.abs(value) / slope >= least) continue;
    nearest = place;
    least = Math.abs(value) / slope;
  }
  return nearest;
}

/** The shortest step: an image on the hyperplane itself, where two classes draw, has to leave it all the same. */
const LEAST_STEP = 1e-5;

/** What a linear function has to change by, at least, for a step that float32 pixels can hold. */
export function leastAmount(gradient: Float32Array, norm: Exclude<Norm, 'l0'>): number {
  return LEAST_STEP * length(gradient, dual(norm));
}

/**
 * The shortest move that raises a linear function by a given amount, the box left aside: amount / |w|_2^2 w for L2, amount / |w|_1
 * sign(w) for Linf.
 *
 * @param weights the gradient of the function
 * @param amount at least 0
 * @returns a move of zeros where the function has no slope
 */
export function shortestStep(weights: Float32Array, amount: number, norm: 'l2' | 'linf'): Float32Array {
  const slope = length(weights, dual(norm));
  const step = new Float32Array(weights.length);
  if (slope === 0) return step;
  for (let i = 0; i < step.length; i++) {
    step[i] = norm === 'l2' ? (amount / slope) * (weights[i]! / slope) : (amount / slope) * Math.sign(weights[i]!);
  }
  return step;
}

/**
 * The shortest move from an image, within the box, that raises a linear function by a given amount; the longest possible
 * one where the box ends before (Croce and Hein 2020, arXiv 1907.02044, section 2 and appendix A).
 *
 * Values move along the gradient: by min(t, room) for Linf, by min(t |w_i|, room) for L2, with t found by Newton's method; for
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
      // What rounding leaves over would send the next value far where its weight is tiny.
      if (left <= amount * EXACT || size === 0) break;
      const part = Math.min(room(i), left / size);
      step[i] = Math.sign(weights[i]!) * part;
      left -= part * size;
    }
    return step;
  }
  // The gain is concave in t and, between the places where values meet the box, linear (in L2: linear, too, in t |w|), so
  // Newton's steps from below never pass the solution and reach it after a few.
  let t = 0;
  let [gain, slope] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    if (room(i) > 0) slope += norm === 'linf' ? Math.abs(weights[i]!) : (weights[i]! * weights[i]!) / largest;
  }
  for (let pass = 0; pass < NEWTON_STEPS && slope > 0 && gain < amount * (1 - EXACT); pass++) {
    t += (amount - gain) / slope;
    [gain, slope] = [0, 0];
    for (let i = 0; i < step.length; i++) {
      const weight = weights[i]!;
      const size = Math.abs(weight);
      const rate = norm === 'linf' ? 1 : size / largest;
      const most = weight > 0 ? 1 - image[i]! : image[i]!;
      let part = t * rate;
      if (size === 0) part = 0;
      else if (part < most) slope += rate * size;
      else part = most;
      gain += part * size;
      step[i] = weight > 0 ? part : -part;
    }
  }
  return step;
}

/** The share of the amount that may be missing. */
const EXACT = 1e-6;

/** More than values meet the box in practice at different t. */
const NEWTON_STEPS = 60;
