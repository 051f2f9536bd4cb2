/** @file Primal-dual proximal gradient descent: the distance by its proximal operator, its weight against the margin by a dual variable. */

import {
  Adam,
  defineMinimalAttack,
  gradientAt,
  logitsOf,
  marginTo,
  type Norm,
  proximalL2,
  proximalLinf,
  proximalTwoThirds,
  type Sample,
  type Steps,
  shorten,
  z,
} from '../kit.ts';

interface Options {
  readonly steps: number;
  readonly rate: number;
  readonly lastRate: number;
  readonly dualRate: number;
  readonly lastDualRate: number;
  readonly ratio: number;
  readonly memory: number;
}

const PROXIMAL: Readonly<Record<Norm, (vector: Float64Array, weight: number) => Float64Array>> = {
  l1: shorten,
  l2: proximalL2,
  linf: proximalLinf,
  // As the authors do: that of the count itself stops what it has set to zero from ever growing.
  l0: proximalTwoThirds,
};

/** Bounds of the dual variable: the logarithm of the ratio of the two weights. */
const LARGEST_DUAL = Math.log(1e6);

/** Steps of the proximal operator in Adam's metric, and the relative change at which they end (Melchior et al. 2019, arXiv 1910.10094). */
const [PROXIMAL_STEPS, SETTLED] = [5, 1e-2];

/**
 * Matyasko and Chau 2021: the perturbation takes Adam's steps down softplus(max(-margin, 0)) and then the proximal step of the
 * distance; the weight of the two against one another is the softmax of dual variables, which climb while the image is
 * not adversarial and descend while it is.
 */
function* primalDual(sample: Sample, norm: Norm, options: Options): Steps {
  const { steps, rate, lastRate, dualRate, lastDualRate, ratio, memory } = options;
  const { image: original, criterion } = sample;
  const { objective, sign } = marginTo(criterion);
  const delta = new Float64Array(original.length);
  const slope = new Float64Array(original.length);
  const adam = new Adam(original.length, rate);
  const image = original.slice();
  let dual = -Math.log(ratio);
  let share = logistic(dual);
  for (let step = 0; step < steps; step++) {
    const { value, gradient } = yield* gradientAt(image, objective);
    const lacking = (criterion.confidence ?? 0) - sign * value;
    const pull = lacking >= 0 ? -sign * logistic(lacking) : 0;
    for (let i = 0; i < slope.length; i++) slope[i] = pull * gradient[i]!;
    const size = rate * lastRate ** (step / steps);
    adam.step(delta, slope, size);
    toBox(delta, original);
    proximalStep(delta, original, adam.scales(), (size * (1 - share)) / share, PROXIMAL[norm]);
    const progress = steps > 1 ? step / (steps - 1) : 0;
    dual += Math.sign(lacking) * dualRate * (1 - progress + progress * lastDualRate);
    dual = Math.min(LARGEST_DUAL, Math.max(-LARGEST_DUAL, dual));
    share = memory * share + (1 - memory) * logistic(dual);
    for (let i = 0; i < image.length; i++) image[i] = original[i]! + delta[i]!;
  }
  yield* logitsOf(image);
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Cuts changes so that the image stays in [0, 1], in place. */
function toBox(delta: Float64Array, original: Float32Array): void {
  for (let i = 0; i < delta.length; i++) delta[i] = Math.min(1 - original[i]!, Math.max(-original[i]!, delta[i]!));
}

/**
 * The proximal step of a distance in the metric of Adam's scales, within the box, in place: by gradient steps on the metric with
 * a proximal step of the distance after each.
 */
function proximalStep(
  delta: Float64Array,
  original: Float32Array,
  scales: Float64Array,
  weight: number,
  proximal: (vector: Float64Array, weight: number) => Float64Array,
): void {
  const largest = scales.reduce((most, scale) => Math.max(most, scale), 0);
  let current = delta.slice();
  for (let step = 0; step < PROXIMAL_STEPS; step++) {
    const next = current.map((value, i) => value + ((delta[i]! - value) * scales[i]!) / largest);
    toBox(proximal(next, weight / largest), original);
    let [moved, total] = [0, 0];
    for (let i = 0; i < next.length; i++) {
      moved += (next[i]! - current[i]!) ** 2;
      total += next[i]! ** 2;
    }
    current = next;
    if (moved <= SETTLED * SETTLED * total) break;
  }
  delta.set(current);
}

/** PDPGD (Matyasko and Chau 2021); minimal L1, L2, Linf or L0. */
export const pdpgd = defineMinimalAttack({
  name: 'pdpgd',
  title: 'Primal-dual proximal gradient descent',
  paper: 'Matyasko and Chau 2021, arXiv 2106.01538',
  summary: 'gradient steps on the margin, proximal steps on the distance, weighed by a dual variable',
  access: 'gradients',
  norms: ['l1', 'l2', 'linf', 'l0'],
  targeted: true,
  settings: z.object({
    steps: z.int().min(1).default(500).describe('gradient steps'),
    rate: z.number().gt(0).max(1e6).default(0.1).describe('first step size of Adam'),
    lastRate: z.number().gt(0).max(1).default(0.01).describe('last step size, as a share of the first'),
    dualRate: z.number().gt(0).max(1e6).default(0.1).describe('first step size of the dual variable'),
    lastDualRate: z
      .number()
      .gt(0)
      .max(1)
      .default(0.1)
      .describe("dual variable's last step size, as a share of the first"),
    ratio: z.number().gt(0).default(0.01).describe('first weight of the distance against the margin'),
    memory: z.number().min(0).lt(1).default(0.9).describe("what the weights' moving average keeps in a step"),
  }),
  search: (sample, norm, settings) => primalDual(sample, norm, settings),
});
