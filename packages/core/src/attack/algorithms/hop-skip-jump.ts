/** @file HopSkipJump: follows the gradient at the boundary, estimated from decisions alone. */

import { minimal } from '../attack.ts';
import { isAdversarial } from '../criterion.ts';
import { adversarialStart, toBoundary } from '../engine/adversarial-start.ts';
import { askMany } from '../engine/batched-queries.ts';
import { logitsOf, type Steps } from '../engine/query.ts';
import type { Sample } from '../engine/sample.ts';
import { clip, distances, type Norm, steepest } from '../norm.ts';

type HopNorm = Extract<Norm, 'l2' | 'linf'>;

/** Length of the steps of the first estimate: the distance of the noise that the search starts from says little. */
const FIRST_RADIUS = 0.1;

/** Pixels are float32: the bisection has nothing to decide below this share of the distance. */
const LEAST_TOLERANCE = 1e-7;

/**
 * Chen et al. 2020, algorithm 2: at the boundary the gradient is estimated (hop), a step along it leads off the boundary
 * (skip), and a bisection towards the original back to it (jump).
 *
 * @param draws of the first estimate (B_0); that of step t takes sqrt(t) as many
 */
function* hop(
  sample: Sample,
  norm: HopNorm,
  { steps, draws }: { readonly steps: number; readonly draws: number },
): Steps {
  const { image: original } = sample;
  const start = yield* adversarialStart(sample);
  if (start === undefined) return;
  const dimension = original.length;
  const tolerance = Math.max(LEAST_TOLERANCE, dimension ** (norm === 'l2' ? -1.5 : -2));
  let image = yield* toBoundary(sample, start, norm, tolerance);
  let radius = FIRST_RADIUS;
  for (let step = 1; step <= steps; step++) {
    const uphill = yield* estimateGradient(sample, image, radius, Math.round(draws * Math.sqrt(step)));
    const first = distances(image, original)[norm] / Math.sqrt(step);
    const away = yield* skip(sample, image, steepest(uphill, norm), first, tolerance);
    // Section 4.2: sqrt(d) theta times the distance for L2, d theta times it for Linf; one d-th of it in both.
    radius = distances(away, original)[norm] / dimension;
    image = yield* toBoundary(sample, away, norm, tolerance);
  }
}

/**
 * The direction in which images become adversarial, by Monte Carlo (equations 9 and 16): the mean of random steps, each weighted
 * by how much its decision (1 or -1) exceeds the mean decision, which takes variance away where the decisions are unequal.
 *
 * @param radius L2 length of the steps, before they are cut to the box
 */
function* estimateGradient(sample: Sample, image: Float32Array, radius: number, draws: number): Steps<Float32Array> {
  const { criterion, random } = sample;
  const size = image.length;
  const weighted = new Float64Array(size);
  const plain = new Float64Array(size);
  let total = 0;
  const perturbed = (): Float32Array => {
    const candidate = new Float32Array(size);
    let squares = 0;
    for (let i = 0; i < size; i++) {
      const value = random.normal();
      candidate[i] = value;
      squares += value * value;
    }
    const scale = radius / Math.sqrt(squares);
    for (let i = 0; i < size; i++) candidate[i] = image[i]! + scale * candidate[i]!;
    return clip(candidate);
  };
  yield* askMany(draws, size, perturbed, (logits, _, candidate) => {
    const decision = isAdversarial(criterion, logits) ? 1 : -1;
    total += decision;
    for (let i = 0; i < size; i++) {
      const step = (candidate[i]! - image[i]!) / radius;
      weighted[i]! += decision * step;
      plain[i]! += step;
    }
  });
  const mean = total / draws;
  // Decisions that are all alike say no more than their own sign.
  const baseline = Math.abs(mean) === 1 ? 0 : mean;
  const gradient = new Float32Array(size);
  for (let i = 0; i < size; i++) gradient[i] = (weighted[i]! - baseline * plain[i]!) / draws;
  return gradient;
}

/** A step along a direction, halved until it stays on the adversarial side; none where even a step of the tolerance does not. */
function* skip(
  { criterion }: Sample,
  image: Float32Array,
  direction: Float32Array,
  first: number,
  tolerance: number,
): Steps<Float32Array> {
  for (let size = first; size > tolerance * first; size /= 2) {
    const candidate = clip(image.map((pixel, i) => pixel + size * direction[i]!));
    if (isAdversarial(criterion, yield* logitsOf(candidate))) return candidate;
  }
  return image;
}

export const hopSkipJump = minimal({
  name: 'hopskipjump',
  title: 'HopSkipJump',
  paper: 'Chen, Jordan and Wainwright 2020, arXiv 1904.02144',
  summary: 'estimates the gradient at the boundary from decisions; minimal L2 or Linf',
  access: 'decisions',
  norms: ['l2', 'linf'],
  targeted: true,
  // The paper's first estimate; 30 steps end at about 12,000 queries, within what it evaluates (up to 25,000).
  settings: { steps: 30, draws: 100 },
  search: (sample, norm, settings) => hop(sample, norm as HopNorm, settings),
});
