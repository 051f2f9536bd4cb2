/**
 * @file What keeps ascended images smooth or sparse (the settings behind the gradient-ascent figures of Nguyen, Yosinski
 * and Clune 2015; described at length in Yosinski et al. 2015, section 3). All work in place on images written as
 * deviations from the origin, the pixel value that the network receives as zero.
 */

import { type ImageShape, imageSize } from '../../image/images.ts';

/** Shrinks towards the origin: `x *= 1 - decay`. */
export function decayL2(x: Float32Array, decay: number): void {
  const keep = 1 - decay;
  for (let i = 0; i < x.length; i++) x[i]! *= keep;
}

/**
 * Gaussian blur of every plane, borders mirrored.
 *
 * @param x `N x C x H x W`
 * @param radius standard deviation in pixels
 */
export function blur(x: Float32Array, shape: ImageShape, radius: number): void {
  const { height, width } = shape;
  const kernel = gaussianKernel(radius);
  const plane = height * width;
  const row = new Float32Array(plane);
  for (let start = 0; start < x.length; start += plane) {
    const image = x.subarray(start, start + plane);
    convolve(image, row, kernel, height, width, width, 1);
    convolve(row, image, kernel, width, height, 1, width);
  }
}

/** Normalized samples of the bell curve, up to four standard deviations; the middle one first. */
function gaussianKernel(radius: number): Float64Array {
  const reach = Math.max(1, Math.ceil(4 * radius));
  const kernel = Float64Array.from({ length: reach + 1 }, (_, i) => Math.exp(-(i * i) / (2 * radius * radius)));
  const sum = kernel.reduce((total, value, i) => total + (i === 0 ? value : 2 * value), 0);
  return kernel.map((value) => value / sum);
}

/** Convolves `lines` lines of `length` pixels that lie `step` apart; the lines themselves lie `stride` apart. */
function convolve(
  from: Float32Array,
  to: Float32Array,
  kernel: Float64Array,
  lines: number,
  length: number,
  stride: number,
  step: number,
): void {
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      let sum = kernel[0]! * from[line * stride + i * step]!;
      for (let k = 1; k < kernel.length; k++) {
        const before = from[line * stride + mirror(i - k, length) * step]!;
        const after = from[line * stride + mirror(i + k, length) * step]!;
        sum += kernel[k]! * (before + after);
      }
      to[line * stride + i * step] = sum;
    }
  }
}

/** Continues a line beyond its ends by mirroring (d c b a | a b c d | d c b a). */
function mirror(at: number, length: number): number {
  const period = 2 * length;
  const inside = ((at % period) + period) % period;
  return inside < length ? inside : period - 1 - inside;
}

/** Sets the given share of each image's pixels to the origin: those that differ least from it (norm over channels). */
export function clipSmallNorm(x: Float32Array, shape: ImageShape, share: number): void {
  zeroLowest(x, shape, share, (image, pixel, plane) => {
    let sum = 0;
    for (let at = pixel; at < image.length; at += plane) sum += image[at]! * image[at]!;
    return sum;
  });
}

/**
 * Sets the given share of each image's pixels to the origin: those that serve the objective least, by its linearization
 * (the sum over channels of x times gradient).
 */
export function clipSmallBenefit(x: Float32Array, gradient: Float32Array, shape: ImageShape, share: number): void {
  const size = imageSize(shape);
  zeroLowest(x, shape, share, (image, pixel, plane, index) => {
    let sum = 0;
    for (let at = pixel; at < size; at += plane) sum += image[at]! * gradient[index * size + at]!;
    return sum;
  });
}

function zeroLowest(
  x: Float32Array,
  shape: ImageShape,
  share: number,
  measure: (image: Float32Array, pixel: number, plane: number, index: number) => number,
): void {
  const size = imageSize(shape);
  const plane = shape.height * shape.width;
  const clipped = Math.floor(share * plane);
  if (clipped === 0) return;
  for (let index = 0; index * size < x.length; index++) {
    const image = x.subarray(index * size, (index + 1) * size);
    const values = Float64Array.from({ length: plane }, (_, pixel) => measure(image, pixel, plane, index));
    const order = Uint32Array.from({ length: plane }, (_, pixel) => pixel).sort(
      (a, b) => values[a]! - values[b]! || a - b,
    );
    for (const pixel of order.subarray(0, clipped)) for (let at = pixel; at < size; at += plane) image[at] = 0;
  }
}
