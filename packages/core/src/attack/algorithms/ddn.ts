/** @file Decoupled direction and norm: gradient steps on a sphere that shrinks while the image is adversarial and grows while it is not. */

import {
  advance,
  clip,
  crossEntropy,
  defineMinimalAttack,
  gradientAt,
  isAdversarial,
  length,
  logitsOf,
  type Sample,
  type Steps,
  z,
} from '../kit.ts';

/**
 * Rony et al. 2019, algorithm 1, on images of `levels` levels; 0 leaves the rounding out, and so does an attack whose images count
 * in floating point. What the network is asked about is
 * rounded, the perturbation that the steps add up is not: rounded too, as in the authors' program, it loses what is less than
 * half a level in every step, and on a defended network some searches come to a standstill.
 */
function* decoupled(
  sample: Sample,
  options: { readonly steps: number; readonly radius: number; readonly gamma: number; readonly levels: number },
): Steps {
  const { image: original, criterion } = sample;
  const { objective, sign } = crossEntropy(criterion);
  const { steps, gamma } = options;
  const levels = sample.quantize === false ? 0 : options.levels;
  const delta = new Float32Array(original.length);
  const image = original.slice();
  let radius = options.radius;
  for (let step = 0; step < steps; step++) {
    const { logits, gradient } = yield* gradientAt(image, objective);
    radius *= isAdversarial(criterion, logits) ? 1 - gamma : 1 + gamma;
    // From 1 down to .01 along half a cosine.
    const stepSize = 0.01 + (0.99 * (1 + Math.cos((Math.PI * step) / steps))) / 2;
    // As in the authors' program: where the network is so certain that there is no gradient, any direction will do.
    const slope = length(gradient, 'linf') > 0 ? gradient : gradient.map(() => sample.random.normal());
    advance(delta, slope, sign * stepSize, 'l2');
    const size = length(delta, 'l2');
    const scale = size > 0 ? radius / size : 0;
    for (let i = 0; i < image.length; i++) image[i] = original[i]! + scale * delta[i]!;
    clip(image);
    for (let i = 0; i < image.length; i++) delta[i] = image[i]! - original[i]!;
    if (levels > 1) {
      const top = levels - 1;
      for (let i = 0; i < image.length; i++) image[i] = Math.round(image[i]! * top) / top;
    }
  }
  yield* logitsOf(image);
}

/** DDN (Rony et al. 2019); minimal L2 on 8-bit levels. */
export const ddn = defineMinimalAttack({
  name: 'ddn',
  title: 'Decoupled direction and norm',
  paper: 'Rony et al. 2019, arXiv 1811.09600',
  summary: 'gradient steps on a sphere that shrinks where the image is adversarial; minimal L2, on 8-bit levels',
  access: 'gradients',
  norms: ['l2'],
  targeted: true,
  settings: z.object({
    steps: z.int().min(1).default(100).describe('gradient steps'),
    radius: z.number().gt(0).default(1).describe('first radius of the sphere, L2'),
    gamma: z.number().gt(0).lt(1).default(0.05).describe('share by which the radius shrinks or grows'),
    levels: z
      .int()
      .min(0)
      .default(256)
      .describe('levels that images are rounded to where only 8-bit images count; 0 for none'),
  }),
  search: (sample, _, settings) => decoupled(sample, settings),
});
