/** @file CGBA: goes from the boundary towards the original along a semicircle that the estimated normal spans. */

import {
  adversarialStart,
  askMany,
  clip,
  defineMinimalAttack,
  distances,
  isAdversarial,
  length,
  logitsOf,
  lowFrequencyNoise,
  type Sample,
  type Steps,
  toBoundary,
  z,
} from '../kit.ts';

interface Options {
  readonly steps: number;
  readonly draws: number;
  readonly frequencies: number;
  readonly sigma: number;
}

/** L2 length to which the boundary is closed in (the authors' program). */
const TOLERANCE = 1e-4;

/** Points between a quarter of the circle and its end that are tried. */
const TRIES = 20;

/**
 * Reza et al. 2023, algorithms 1 to 3. The plane of original, boundary point and estimated normal holds a circle whose diameter
 * goes from the original to the boundary point: where the boundary is flat, the nearest point of it in the plane is on the
 * circle, and every other point of the circle is nearer than the boundary point. CGBA bisects along the circle from the
 * boundary point towards the original. CGBA-H, for boundaries of high curvature, as they are around a target class, halves
 * the angle between boundary point and normal until the point on the circle is adversarial, and bisects on the line from
 * there to the original.
 *
 * @param draws of the first estimate; that of step t takes sqrt(t) as many
 */
function* curve(sample: Sample, { steps, draws, frequencies, sigma }: Options): Steps {
  const start = yield* adversarialStart(sample);
  if (start === undefined) return;
  let image = yield* close(sample, start);
  for (let step = 1; step <= steps; step++) {
    const normal = yield* estimateNormal(sample, image, Math.floor(draws * Math.sqrt(step)), frequencies, sigma);
    const circle = circleThrough(sample.image, image, normal);
    if (circle === undefined) continue;
    image =
      sample.criterion.target === undefined
        ? yield* alongCircle(sample, image, circle)
        : yield* fromCircle(sample, image, circle);
  }
}

/** Bisection on the line from the original to an adversarial image. */
function* close(sample: Sample, image: Float32Array): Steps<Float32Array> {
  const { l2 } = distances(image, sample.image);
  return l2 > TOLERANCE ? yield* toBoundary(sample, image, 'l2', TOLERANCE / l2) : image;
}

/** The mean of noise of low frequencies, each with the sign of the decision there: it points to where images are adversarial. */
function* estimateNormal(
  { image: original, shape, criterion, random }: Sample,
  image: Float32Array,
  draws: number,
  frequencies: number,
  sigma: number,
): Steps<Float32Array> {
  const size = original.length;
  const normal = new Float32Array(size);
  const noises: Float32Array[] = [];
  const perturbed = (): Float32Array => {
    const noise = lowFrequencyNoise(random, shape, frequencies);
    noises.push(noise);
    return clip(noise.map((value, i) => image[i]! + sigma * value));
  };
  yield* askMany(draws, size, perturbed, (logits) => {
    const noise = noises.shift()!;
    const decision = isAdversarial(criterion, logits) ? 1 : -1;
    for (let i = 0; i < size; i++) normal[i]! += decision * noise[i]!;
  });
  return normal;
}

/** The circle whose diameter goes from the original to a boundary point. */
interface Circle {
  readonly diameter: number;
  /** Between the way to the boundary point and the normal, at the original. */
  readonly angle: number;
  /** The image at an angle from the way to the boundary point: that point at 0, the original at half a pi. */
  at(angle: number): Float32Array;
}

/** @returns `undefined` where the normal is in line with the way to the boundary point */
function circleThrough(original: Float32Array, image: Float32Array, normal: Float32Array): Circle | undefined {
  const way = image.map((pixel, i) => pixel - original[i]!);
  const diameter = length(way, 'l2');
  const steep = length(normal, 'l2');
  if (diameter === 0 || steep === 0) return undefined;
  let cosine = 0;
  for (let i = 0; i < way.length; i++) cosine += (way[i]! / diameter) * (normal[i]! / steep);
  const aside = normal.map((value, i) => value / steep - cosine * (way[i]! / diameter));
  const width = length(aside, 'l2');
  if (width < 1e-6) return undefined;
  return {
    diameter,
    angle: Math.atan2(width, cosine),
    at(angle) {
      const [along, across] = [Math.cos(angle) ** 2, (diameter * Math.cos(angle) * Math.sin(angle)) / width];
      return clip(original.map((pixel, i) => pixel + along * way[i]! + across * aside[i]!));
    },
  };
}

/** CGBA: the last adversarial point of the circle on the way to the original. */
function* alongCircle({ criterion }: Sample, image: Float32Array, { diameter, at }: Circle): Steps<Float32Array> {
  let [low, high] = [0, Math.PI / 4];
  let best = image;
  for (let tries = 1; ; tries++) {
    const candidate = at(high);
    if (!isAdversarial(criterion, yield* logitsOf(candidate))) break;
    best = candidate;
    low = high;
    if (tries === TRIES) return best;
    high = (high + Math.PI / 2) / 2;
  }
  // The chord between two angles.
  while (diameter * Math.sin(high - low) > TOLERANCE) {
    const middle = (low + high) / 2;
    const candidate = at(middle);
    if (isAdversarial(criterion, yield* logitsOf(candidate))) {
      low = middle;
      best = candidate;
    } else high = middle;
  }
  return best;
}

/** CGBA-H: the first adversarial point of the circle on the way from the normal, brought back to the boundary. */
function* fromCircle(sample: Sample, image: Float32Array, { diameter, angle, at }: Circle): Steps<Float32Array> {
  for (let share = angle / 2; diameter * Math.sin(share) > TOLERANCE; share /= 2) {
    const candidate = at(share);
    if (isAdversarial(sample.criterion, yield* logitsOf(candidate))) return yield* close(sample, candidate);
  }
  return image;
}

/** CGBA, and CGBA-H where it aims at a class (Reza et al. 2023), which see decisions only; minimal L2. */
export const cgba = defineMinimalAttack({
  name: 'cgba',
  title: 'Curvature-aware geometric black-box attack',
  paper: 'Reza, Rahmati, Wu and Dai 2023, arXiv 2308.03163',
  summary: 'follows a semicircle from the boundary towards the original; minimal L2, sees decisions only',
  access: 'decisions',
  norms: ['l2'],
  targeted: true,
  settings: z.object({
    steps: z.int().min(1).default(93).describe('steps along the boundary'),
    draws: z.int().min(1).default(30).describe('queries of the first estimate of the normal'),
    // A quarter of those of 224 pixels, on which the authors take a quarter. Small images have no frequencies to spare.
    frequencies: z.int().min(1).default(56).describe('frequencies of its noise along either axis, at most'),
    sigma: z.number().gt(0).default(0.0002).describe('deviation of its noise, pixels in [0, 1]'),
  }),
  search: (sample, _, settings) => curve(sample, settings),
});
