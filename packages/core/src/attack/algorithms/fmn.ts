/** @file Fast minimum-norm attack: gradient steps in a ball that shrinks and grows around the boundary. */

import {
  advance,
  adversarialStart,
  defineMinimalAttack,
  distances,
  dual,
  gradientAt,
  isAdversarial,
  length,
  logitsOf,
  marginTo,
  type Norm,
  project,
  type Sample,
  type Steps,
  toBoundary,
  z,
} from '../kit.ts';

interface Options {
  readonly steps: number;
  readonly rate: number;
  readonly lastRate: number;
  readonly gamma: number;
  readonly lastGamma: number;
  readonly start: number;
}

/** Share of the distance to which the boundary is closed in from a starting point: ten halvings. */
const TOLERANCE = 2 ** -10;

/**
 * Pintor et al. 2021, algorithm 1, from the original, or from the boundary between it and an adversarial image. Until an
 * adversarial image is found the radius is the distance plus what the linearized margin lacks, |f| / |grad|_q (in L0: one value
 * more); from then on it shrinks by the share gamma where the image is adversarial, and grows by it where it is not. The
 * projection is that on ball and box together; the paper's is on the ball, with the image cut to the box after it.
 */
function* fastMinimumNorm(sample: Sample, norm: Norm, options: Options): Steps {
  const { steps, rate, lastRate, gamma, lastGamma, start } = options;
  const { image: original, criterion } = sample;
  const { objective, sign } = marginTo(criterion);
  const far = start > 0 ? yield* adversarialStart(sample, 'images') : undefined;
  const image = (far && (yield* toBoundary(sample, far, norm, TOLERANCE)).slice()) ?? original.slice();
  const farthest = distances(
    original.map((pixel) => (pixel < 0.5 ? 1 : 0)),
    original,
  )[norm];
  let least = far ? distances(image, original)[norm] : farthest;
  let radius = far || norm !== 'l0' ? least : 1;
  let found = far !== undefined;
  for (let step = 0; step < steps; step++) {
    const cosine = (1 + Math.cos((Math.PI * step) / steps)) / 2;
    const share = lastGamma + (gamma - lastGamma) * cosine;
    const { logits, value, gradient } = yield* gradientAt(image, objective);
    const reached = isAdversarial(criterion, logits);
    const distance = distances(image, original)[norm];
    if (reached) {
      found = true;
      least = Math.min(least, distance);
    }
    if (norm === 'l0') {
      radius = reached
        ? Math.max(0, Math.min(radius - 1, Math.floor(radius * (1 - share)), least))
        : Math.max(radius + 1, Math.floor(radius * (1 + share)));
    } else if (reached) radius = Math.min(radius * (1 - share), least);
    else if (found) radius *= 1 + share;
    else {
      const slope = length(gradient, dual(norm));
      // Without a slope nothing is known of how far the boundary is.
      radius = slope === 0 ? farthest : distance + ((criterion.confidence ?? 0) - sign * value) / slope;
    }
    radius = Math.min(radius, farthest);
    advance(image, gradient, sign * rate * (lastRate + (1 - lastRate) * cosine), 'l2');
    project(image, original, { norm, epsilon: radius });
  }
  yield* logitsOf(image);
}

/** FMN (Pintor et al. 2021); minimal L2, Linf, L1 or L0. */
export const fmn = defineMinimalAttack({
  name: 'fmn',
  title: 'Fast minimum-norm attack',
  paper: 'Pintor et al. 2021, arXiv 2102.12827',
  summary: 'gradient steps in a ball that shrinks where the image is adversarial and grows where it is not',
  access: 'gradients',
  norms: ['l2', 'linf', 'l1', 'l0'],
  targeted: true,
  settings: z.object({
    steps: z.int().min(1).default(1000).describe('gradient steps'),
    rate: z.number().gt(0).max(1e6).default(1).describe('first step size, L2'),
    lastRate: z.number().gt(0).max(1).default(0.01).describe('last step size, as a share of the first'),
    gamma: z.number().gt(0).lt(1).default(0.05).describe('first share by which the radius shrinks or grows'),
    lastGamma: z.number().gt(0).lt(1).default(0.001).describe('last share by which the radius shrinks or grows'),
    start: z
      .int()
      .min(0)
      .max(1)
      .default(0)
      .describe('0 begins at the original, 1 on the boundary before another image, or noise'),
  }),
  search: (sample, norm, settings) => fastMinimumNorm(sample, norm, settings),
});
