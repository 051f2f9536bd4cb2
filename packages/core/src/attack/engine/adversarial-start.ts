/** @file Where attacks begin that need an adversarial image: that image, and the boundary between it and the original. */

import { isAdversarial } from '../criterion.ts';
import { distances, type Norm, project } from '../norm.ts';
import { imageOf, levelsOf } from './quantization.ts';
import { logitsOf, logitsOfEach, type Steps } from './query.ts';
import type { Sample } from './sample.ts';

/** Images of noise that are tried, and how many are asked about at once. */
const DRAWS = 200;
const AT_ONCE = 8;

/** Shares of noise in the images that are tried. */
const SHARES = [1, 0.75, 0.5, 0.25] as const;

/** Images of black and white blocks that are tried, and the blocks along an axis. */
const BLOCK_DRAWS = 96;
const BLOCKS = [2, 4, 8, 16] as const;

/** Known images that are tried. */
const KNOWN = 4;

/**
 * An adversarial image. Without a target uniform noise, by itself and blended with the original (Brendel et al. 2018,
 * section 2.1: drawn until one is adversarial); where none does, or with a target, the nearest of the sample's starting
 * points whose decision fits the criterion, if it has any; without a target at last black, white, and blocks of both, which
 * the papers do not have. All of them are of whole levels, so that whatever becomes of the search there is an adversarial
 * image that a file can hold.
 *
 * @param first what is tried first: noise, as without a target, or the starting points, as with one
 * @returns `undefined` where nothing reaches it
 */
export function* adversarialStart(
  sample: Sample,
  first: 'noise' | 'images' = sample.criterion.target === undefined ? 'noise' : 'images',
): Steps<Float32Array | undefined> {
  const sources = first === 'noise' ? [noise, starts] : [starts, noise];
  if (sample.criterion.target === undefined) sources.push(extremes);
  for (const source of sources) {
    for (const images of source(sample)) {
      const answers = yield* logitsOfEach(images);
      const found = answers.findIndex((logits) => isAdversarial(sample.criterion, logits));
      if (found >= 0) return images[found];
    }
  }
  return undefined;
}

function* noise({ image, random }: Sample): Generator<Float32Array[]> {
  for (let draw = 0; draw < DRAWS; draw += AT_ONCE) {
    yield Array.from({ length: AT_ONCE }, (_, place) => {
      const share = SHARES[place % SHARES.length]!;
      return imageOf(levelsOf(image.map((pixel) => pixel + share * (random.uniform() - pixel))));
    });
  }
}

/** Black, white, and blocks of both in all channels: further apart than noise, which two classes may both leave to one. */
function* extremes({ shape: { channels, height, width }, random }: Sample): Generator<Float32Array[]> {
  const size = channels * height * width;
  yield [new Float32Array(size), new Float32Array(size).fill(1)];
  for (let draw = 0; draw < BLOCK_DRAWS; draw += AT_ONCE) {
    yield Array.from({ length: AT_ONCE }, (_, place) => {
      const blocks = BLOCKS[place % BLOCKS.length]!;
      const values = Float32Array.from({ length: channels * blocks * blocks }, () => random.integer(2));
      return Float32Array.from({ length: size }, (_, i) => {
        const [x, y] = [i % width, Math.floor(i / width) % height];
        const row = Math.floor(i / (width * height)) * blocks + Math.floor((y * blocks) / height);
        return values[row * blocks + Math.floor((x * blocks) / width)]!;
      });
    });
  }
}

function* starts({ image, criterion, starts = [] }: Sample): Generator<Float32Array[]> {
  const fitting = starts.filter(({ decision }) =>
    criterion.target === undefined ? decision !== criterion.label : decision === criterion.target,
  );
  const byDistance = fitting
    .map((start) => ({ start: start.image, distance: distances(start.image, image).l2 }))
    .sort((a, b) => a.distance - b.distance);
  for (const { start } of byDistance.slice(0, KNOWN)) yield [imageOf(levelsOf(start))];
}

/**
 * The image between the original and an image, at a share 0 .. 1 of the way: on the straight line for L2; for Linf the
 * image cut to that share of their distance; for L1 all changes shorter by what that share leaves of the largest one; for L0 that
 * share of the changes, the largest ones (the mid points of Pintor et al. 2021).
 */
export function between(original: Float32Array, image: Float32Array, share: number, norm: Norm): Float32Array {
  if (norm === 'l0') {
    const epsilon = Math.floor(share * distances(image, original).l0);
    return project(image.slice(), original, { norm, epsilon });
  }
  if (norm === 'l1') {
    const less = (1 - share) * distances(image, original).linf;
    return image.map((pixel, i) => {
      const change = pixel - original[i]!;
      return original[i]! + Math.sign(change) * Math.max(0, Math.abs(change) - less);
    });
  }
  if (norm === 'l2') return image.map((pixel, i) => original[i]! + share * (pixel - original[i]!));
  const radius = share * distances(image, original).linf;
  return image.map((pixel, i) => Math.min(original[i]! + radius, Math.max(original[i]! - radius, pixel)));
}

/**
 * Bisection between the original and an adversarial image (Chen et al. 2020, algorithm 1).
 *
 * @param tolerance the share of the distance to which the boundary is closed in
 * @returns the image on the adversarial side
 */
export function* toBoundary(sample: Sample, image: Float32Array, norm: Norm, tolerance: number): Steps<Float32Array> {
  let [low, high] = [0, 1];
  let best = image;
  while (high - low > tolerance) {
    const middle = (low + high) / 2;
    const candidate = between(sample.image, image, middle, norm);
    if (isAdversarial(sample.criterion, yield* logitsOf(candidate))) {
      high = middle;
      best = candidate;
    } else low = middle;
  }
  return best;
}
