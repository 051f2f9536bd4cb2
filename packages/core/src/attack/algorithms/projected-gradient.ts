/** @file Attacks that climb the cross-entropy inside a ball: one loop, four attacks. */

import {
  advance,
  type Ball,
  clip,
  crossEntropy,
  defineFixedAttack,
  gradientAt,
  length,
  logitsOf,
  NO_SETTINGS,
  project,
  randomStart,
  type Sample,
  type Steps,
  z,
} from '../kit.ts';

/** In what the attacks differ. */
interface Climb {
  readonly steps: number;
  /** Length of a step, in pixels. */
  readonly stepSize: number;
  /** Share of the last direction that is kept (Dong et al. 2018). */
  readonly momentum: number;
  /** Starts; the first at the original itself unless `randomStart`. */
  readonly restarts: number;
  readonly randomStart: boolean;
}

function* climb(sample: Sample, ball: Ball, options: Climb): Steps {
  const { objective, sign } = crossEntropy(sample.criterion);
  for (let start = 0; start < options.restarts; start++) {
    const image = sample.image.slice();
    if (options.randomStart || start > 0) randomStart(image, sample, ball);
    const velocity = new Float32Array(image.length);
    for (let step = 0; step < options.steps; step++) {
      const { gradient } = yield* gradientAt(image, objective);
      const direction = options.momentum === 0 ? gradient : gather(velocity, gradient, options.momentum);
      project(advance(image, direction, sign * options.stepSize, ball.norm), sample.image, ball);
    }
    yield* logitsOf(clip(image));
  }
}

/** g <- mu g + gradient / |gradient|_1, in place. */
function gather(velocity: Float32Array, gradient: Float32Array, momentum: number): Float32Array {
  const size = length(gradient, 'l1');
  for (let i = 0; i < velocity.length; i++) {
    velocity[i] = momentum * velocity[i]! + (size === 0 ? 0 : gradient[i]! / size);
  }
  return velocity;
}

const steps = (usual: number) => z.int().min(1).default(usual).describe('gradient steps');

const relativeStep = (usual: number) =>
  z.number().gt(0).max(1e6).default(usual).describe('length of a step, as a share of epsilon');

/** FGSM (Goodfellow et al. 2015): one step as long as epsilon. */
export const fgsm = defineFixedAttack({
  name: 'fgsm',
  title: 'Fast gradient sign method',
  paper: 'Goodfellow, Shlens and Szegedy 2015, arXiv 1412.6572',
  summary: 'one step along the sign of the gradient, as long as epsilon',
  access: 'gradients',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  settings: NO_SETTINGS,
  search: (sample, ball) =>
    climb(sample, ball, { steps: 1, stepSize: ball.epsilon, momentum: 0, restarts: 1, randomStart: false }),
});

/** BIM (Kurakin et al. 2017): small steps from the original. */
export const bim = defineFixedAttack({
  name: 'bim',
  title: 'Basic iterative method',
  paper: 'Kurakin, Goodfellow and Bengio 2017, arXiv 1607.02533',
  summary: 'small gradient steps from the original, kept in the ball',
  access: 'gradients',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  settings: z.object({
    steps: steps(10),
    relativeStep: relativeStep(0.2),
  }),
  search: (sample, ball, { steps, relativeStep }) =>
    climb(sample, ball, {
      steps,
      stepSize: relativeStep * ball.epsilon,
      momentum: 0,
      restarts: 1,
      randomStart: false,
    }),
});

/** PGD (Madry et al. 2018): small steps from a random start. */
export const pgd = defineFixedAttack({
  name: 'pgd',
  title: 'Projected gradient descent',
  paper: 'Madry et al. 2018, arXiv 1706.06083',
  summary: 'small gradient steps from a random start, kept in the ball',
  access: 'gradients',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  // Madry's MNIST setting steps by a thirtieth, with which 40 steps do not cross the ball from a random start: in PyTorch, too,
  // such a search finds fewer images than one that begins at the original.
  settings: z.object({
    steps: steps(40),
    relativeStep: relativeStep(0.1),
    restarts: z.int().min(1).default(1).describe('random starts'),
  }),
  search: (sample, ball, { steps, relativeStep, restarts }) =>
    climb(sample, ball, { steps, stepSize: relativeStep * ball.epsilon, momentum: 0, restarts, randomStart: true }),
});

/** MI-FGSM (Dong et al. 2018): small steps with momentum. */
export const mifgsm = defineFixedAttack({
  name: 'mifgsm',
  title: 'Momentum iterative fast gradient sign method',
  paper: 'Dong et al. 2018, arXiv 1710.06081',
  summary: 'gradient steps with momentum, which carry over better to other networks',
  access: 'gradients',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  settings: z.object({
    steps: steps(10),
    momentum: z.number().min(0).max(1e6).default(1).describe('share of the last direction that is kept'),
  }),
  search: (sample, ball, { steps, momentum }) =>
    climb(sample, ball, { steps, stepSize: ball.epsilon / steps, momentum, restarts: 1, randomStart: false }),
});
