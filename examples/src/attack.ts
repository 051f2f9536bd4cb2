/** @file An attack of one's own: gradient steps that halve. */

import {
  crossEntropy,
  defineFixedAttack,
  gradientAt,
  logitsOf,
  project,
  steepest,
  z,
} from '@pareidolia/core/attack/kit';

export const halving = defineFixedAttack({
  name: 'halving',
  title: 'Halving steps',
  paper: 'none',
  summary: 'gradient steps that halve, from the original',
  access: 'gradients',
  norms: ['linf', 'l2'],
  targeted: true,
  settings: z.object({ steps: z.int().min(1).default(8).describe('gradient steps') }),
  /** Written for one image: it asks and is answered. Batches, budgets, rounding and verification are done for it. */
  *search(sample, ball, { steps }) {
    const { objective, sign } = crossEntropy(sample.criterion);
    const image = sample.image.slice();
    for (let step = 0; step < steps; step++) {
      const { gradient } = yield* gradientAt(image, objective);
      const direction = steepest(gradient, ball.norm);
      for (let i = 0; i < image.length; i++) {
        image[i] = image[i]! + (sign * ball.epsilon * direction[i]!) / 2 ** step;
      }
      project(image, sample.image, ball);
    }
    yield* logitsOf(image);
  },
});
