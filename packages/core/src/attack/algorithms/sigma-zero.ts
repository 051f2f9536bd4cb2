/** @file sigma-zero: gradient steps on a smooth count of the changed values, where small changes are taken back. */

import {
  Adam,
  defineMinimalAttack,
  gradientAt,
  isAdversarial,
  logitsOf,
  marginTo,
  type Sample,
  type Steps,
  z,
} from '../kit.ts';

interface Options {
  readonly steps: number;
  readonly rate: number;
  readonly sigma: number;
  readonly threshold: number;
  readonly thresholdRate: number;
}

/**
 * Cinà et al. 2024, algorithm 1: Adam on max(-margin, 0) + mean of x^2 / (x^2 + sigma), whose gradient is scaled to a largest entry
 * of 1. After each step changes below a threshold are taken back; it rises while the image is adversarial, and falls while it is
 * not.
 */
function* sparse(sample: Sample, { steps, rate, sigma, threshold, thresholdRate }: Options): Steps {
  const { image: original, criterion } = sample;
  const { objective, sign } = marginTo(criterion);
  const delta = new Float64Array(original.length);
  const slope = new Float64Array(original.length);
  const adam = new Adam(original.length, rate);
  const image = original.slice();
  let tau = threshold;
  for (let step = 0; step < steps; step++) {
    const { logits, gradient } = yield* gradientAt(image, objective);
    const reached = isAdversarial(criterion, logits);
    const pull = reached ? 0 : -sign;
    let largest = 0;
    for (let i = 0; i < slope.length; i++) {
      const change = delta[i]!;
      const spread = change * change + sigma;
      slope[i] = pull * gradient[i]! + (2 * change * sigma) / (spread * spread * slope.length);
      largest = Math.max(largest, Math.abs(slope[i]!));
    }
    // Adam gathers directions; their lengths, which the network's certainty decides, are left out.
    if (largest > 0) for (let i = 0; i < slope.length; i++) slope[i]! /= largest;
    // From 1 down to .1 along half a cosine.
    const size = rate * (0.1 + (0.9 * (1 + Math.cos((Math.PI * step) / steps))) / 2);
    adam.step(delta, slope, size);
    tau = Math.min(1, Math.max(0, tau + (reached ? thresholdRate : -thresholdRate) * size));
    for (let i = 0; i < image.length; i++) {
      const change = Math.min(1 - original[i]!, Math.max(-original[i]!, delta[i]!));
      delta[i] = Math.abs(change) < tau ? 0 : change;
      image[i] = original[i]! + delta[i]!;
    }
  }
  yield* logitsOf(image);
}

/** sigma-zero (Cinà et al. 2024); minimal L0. */
export const sigmaZero = defineMinimalAttack({
  name: 'sigma-zero',
  title: 'sigma-zero',
  paper: 'Cinà et al. 2024, arXiv 2402.01879',
  summary: 'gradient steps on a smooth count of changed values; small changes are taken back; minimal L0',
  access: 'gradients',
  norms: ['l0'],
  targeted: true,
  settings: z.object({
    steps: z.int().min(1).default(1000).describe('gradient steps'),
    rate: z.number().gt(0).default(1).describe('first step size of Adam, annealed to a tenth'),
    sigma: z.number().gt(0).default(1e-3).describe('smoothness of the count x^2 / (x^2 + sigma)'),
    threshold: z.number().min(0).max(1).default(0.3).describe('first size below which changes are taken back'),
    thresholdRate: z.number().min(0).default(0.01).describe('share of the step size that the threshold moves by'),
  }),
  search: (sample, _, settings) => sparse(sample, settings),
});
