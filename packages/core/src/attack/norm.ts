/** @file Norms of perturbations: lengths, balls, and the steepest step inside them. */

/** How a perturbation is measured: values changed, sum, Euclidean length, or largest change, over all values of all channels. */
export type Norm = 'l0' | 'l1' | 'l2' | 'linf';

/** How far an image is from its original, in pixels of [0, 1]. */
export interface Distances {
  /** Values (of channels, not pixels) that differ. */
  readonly l0: number;
  readonly l1: number;
  readonly l2: number;
  readonly linf: number;
}

/** All images within a distance of the original. */
export interface Ball<N extends Norm = Norm> {
  readonly norm: N;
  /** The largest distance allowed, pixels in [0, 1]. */
  readonly epsilon: number;
}

/** The distances between two images of one shape. */
export function distances(image: Float32Array, original: Float32Array): Distances {
  let [l0, l1, squares, linf] = [0, 0, 0, 0];
  for (let i = 0; i < image.length; i++) {
    const size = Math.abs(image[i]! - original[i]!);
    if (size === 0) continue;
    l0++;
    l1 += size;
    squares += size * size;
    if (size > linf) linf = size;
  }
  return { l0, l1, l2: Math.sqrt(squares), linf };
}

/** The length of a vector. */
export function length(vector: Float32Array, norm: Norm): number {
  let total = 0;
  switch (norm) {
    case 'linf':
      for (let i = 0; i < vector.length; i++) total = Math.max(total, Math.abs(vector[i]!));
      return total;
    case 'l2':
      for (let i = 0; i < vector.length; i++) total += vector[i]! * vector[i]!;
      return Math.sqrt(total);
    case 'l1':
      for (let i = 0; i < vector.length; i++) total += Math.abs(vector[i]!);
      return total;
    case 'l0':
      for (let i = 0; i < vector.length; i++) if (vector[i] !== 0) total++;
      return total;
  }
}

/** The dual norm's exponent: |w|_q bounds what a step of length 1 in the norm can gain (Hoelder). */
export function dual(norm: 'l1' | 'l2' | 'linf'): 'l1' | 'l2' | 'linf' {
  return norm === 'l1' ? 'linf' : norm === 'linf' ? 'l1' : 'l2';
}

/** Room for rounding when a distance is held against an epsilon: pixels are float32. */
export const TOLERANCE = 1e-6;

/** Whether an image is in the box [0, 1] and in the ball. */
export function isInside(image: Float32Array, original: Float32Array, { norm, epsilon }: Ball): boolean {
  for (let i = 0; i < image.length; i++) if (!(image[i]! >= 0 && image[i]! <= 1)) return false;
  return distances(image, original)[norm] <= epsilon * (1 + TOLERANCE) + TOLERANCE;
}

/**
 * The smallest epsilon at which every image is in the ball: the length of the box [0, 1]^size.
 *
 * @param size values of an image, over all channels
 */
export function wholeBox(norm: Norm, size: number): number {
  return norm === 'linf' ? 1 : norm === 'l2' ? Math.sqrt(size) : size;
}

/** Cuts pixels to [0, 1], in place. */
export function clip(image: Float32Array): Float32Array {
  for (let i = 0; i < image.length; i++) {
    const value = image[i]!;
    if (value < 0) image[i] = 0;
    else if (value > 1) image[i] = 1;
  }
  return image;
}

/**
 * Brings an image back into ball and box, in place: for Linf, L2 and L1 to the nearest such image, for L0 by keeping the
 * largest changes.
 */
export function project(image: Float32Array, original: Float32Array, ball: Ball): Float32Array {
  const { norm, epsilon } = ball;
  switch (norm) {
    case 'linf':
      for (let i = 0; i < image.length; i++) {
        const low = Math.max(0, original[i]! - epsilon);
        const high = Math.min(1, original[i]! + epsilon);
        const value = image[i]!;
        image[i] = value < low ? low : value > high ? high : value;
      }
      return image;
    case 'l2':
      return shrink(image, image.slice(), original, ball, (size, lambda) => size / (1 + lambda));
    case 'l1':
      return shrink(image, image.slice(), original, ball, (size, lambda) => Math.max(0, size - lambda));
    case 'l0':
      return keepLargest(clip(image), original, epsilon);
  }
}

/**
 * The nearest image in ball and box: every change is shortened by one multiplier and cut at the box (Karush, Kuhn and
 * Tucker; the multiplier is found by bisection).
 */
function shrink(
  image: Float32Array,
  wanted: Float32Array,
  original: Float32Array,
  { norm, epsilon }: Ball,
  shorten: (size: number, lambda: number) => number,
): Float32Array {
  const write = (lambda: number): number => {
    let total = 0;
    for (let i = 0; i < image.length; i++) {
      const change = wanted[i]! - original[i]!;
      const room = change > 0 ? 1 - original[i]! : original[i]!;
      const size = Math.min(room, shorten(Math.abs(change), lambda));
      image[i] = change > 0 ? original[i]! + size : original[i]! - size;
      total += norm === 'l1' ? size : size * size;
    }
    return norm === 'l1' ? total : Math.sqrt(total);
  };
  if (write(0) <= epsilon) return image;
  let [low, high] = [0, 1];
  while (write(high) > epsilon) {
    if (epsilon <= 0) {
      image.set(original);
      return image;
    }
    high *= 2;
  }
  for (let step = 0; step < 40 && high - low > 1e-7 * high; step++) {
    const middle = (low + high) / 2;
    if (write(middle) > epsilon) low = middle;
    else high = middle;
  }
  write(high);
  return image;
}

function keepLargest(image: Float32Array, original: Float32Array, count: number): Float32Array {
  const changed = Array.from(image.keys()).filter((i) => image[i] !== original[i]);
  if (changed.length <= count) return image;
  const size = (i: number): number => Math.abs(image[i]! - original[i]!);
  for (const i of changed.sort((a, b) => size(b) - size(a) || a - b).slice(Math.floor(count))) image[i] = original[i]!;
  return image;
}

/**
 * The step of length 1 along which a linear function with this gradient grows most: its sign for Linf (sign(0) = 0), the
 * gradient over its length for L2, the largest entry alone for L1. Zero where the gradient is zero.
 */
export function steepest(gradient: Float32Array, norm: Norm): Float32Array {
  const step = new Float32Array(gradient.length);
  if (norm === 'linf') {
    for (let i = 0; i < step.length; i++) step[i] = Math.sign(gradient[i]!);
    return step;
  }
  if (norm === 'l2') {
    // Scaled first: the squares of a certain network's gradient leave float32 and, far enough, float64.
    const largest = length(gradient, 'linf');
    if (largest === 0) return step;
    for (let i = 0; i < step.length; i++) step[i] = gradient[i]! / largest;
    const size = length(step, 'l2');
    for (let i = 0; i < step.length; i++) step[i]! /= size;
    return step;
  }
  const [best] = largestFirst(gradient);
  step[best!] = Math.sign(gradient[best!]!);
  return step;
}

/**
 * Moves an image along {@link steepest}, in place. In L1 the box is heeded at once: a value that has reached its end
 * passes what is left of the step on to the next steepest.
 *
 * @param gradient of what has to grow
 * @param size of the step, in the norm; negative where it has to fall
 */
export function advance(image: Float32Array, gradient: Float32Array, size: number, norm: Norm): Float32Array {
  switch (norm) {
    case 'linf':
      for (let i = 0; i < image.length; i++) {
        const slope = gradient[i]!;
        // Signs cannot be predicted: without branches it takes half the time.
        image[i]! += size * (Number(slope > 0) - Number(slope < 0));
      }
      return image;
    case 'l2': {
      const largest = length(gradient, 'linf');
      if (largest === 0) return image;
      let squares = 0;
      for (let i = 0; i < image.length; i++) squares += (gradient[i]! / largest) ** 2;
      const factor = size / largest / Math.sqrt(squares);
      for (let i = 0; i < image.length; i++) image[i]! += factor * gradient[i]!;
      return image;
    }
    default: {
      let left = Math.abs(size);
      for (const i of largestFirst(gradient)) {
        if (left <= 0 || gradient[i] === 0) break;
        const up = gradient[i]! > 0 === size > 0;
        const part = Math.min(left, up ? 1 - image[i]! : image[i]!);
        image[i]! += up ? part : -part;
        left -= part;
      }
      return image;
    }
  }
}

/** Places in falling order of their size; equal ones by place. */
function largestFirst(vector: Float32Array): number[] {
  const sizes = vector.map(Math.abs);
  return Array.from(vector.keys()).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
}
