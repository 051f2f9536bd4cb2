/** @file FAB: fast adaptive boundary attack, which walks along the boundary towards the original. */

import {
  clip,
  defineMinimalAttack,
  distances,
  gradientsAt,
  isAdversarial,
  type Linearised,
  leastAmount,
  length,
  logitDifference,
  logitsOf,
  logitsOfEach,
  marginTo,
  type Norm,
  nearestPlane,
  randomStart,
  ranking,
  type Sample,
  type SampleObjective,
  type Steps,
  stepTo,
  z,
} from '../kit.ts';

interface Options {
  readonly steps: number;
  readonly restarts: number;
  readonly alphaMax: number;
  readonly eta: number;
  readonly beta: number;
}

type FabNorm = Exclude<Norm, 'l0'>;

/** Steps of the bisection between original and best image at the end. */
const FINAL_SEARCH = 3;

/**
 * Croce and Hein 2020, algorithm 1, towards the nearest of the boundaries that objectives describe: each is positive
 * behind its boundary.
 */
function* walk(
  sample: Sample,
  norm: FabNorm,
  boundaries: readonly { readonly objective: SampleObjective; readonly sign: 1 | -1 }[],
  { steps, restarts, alphaMax, eta, beta }: Options,
): Steps {
  const { image: original, criterion } = sample;
  let best: Float32Array | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let start = 0; start < restarts; start++) {
    let image: Float32Array = original.slice();
    // Half way to the best distance so far, as the paper's restarts.
    if (start > 0) randomStart(image, sample, { norm, epsilon: Math.min(least, DEFAULT_RADIUS[norm]) / 2 });
    for (let step = 0; step < steps; step++) {
      const answers = yield* gradientsAt(
        image,
        boundaries.map(({ objective }) => objective),
      );
      const nearest = nearestPlane(answers, norm);
      if (nearest === undefined) break;
      image = blend(image, original, answers[nearest]!, boundaries[nearest]!.sign, norm, alphaMax, eta);
      if (!isAdversarial(criterion, yield* logitsOf(image))) continue;
      const distance = distances(image, original)[norm];
      if (distance < least) {
        least = distance;
        best = image.slice();
      }
      for (let i = 0; i < image.length; i++) image[i] = (1 - beta) * original[i]! + beta * image[i]!;
    }
  }
  if (best !== undefined) yield* approach(sample, best);
}

const DEFAULT_RADIUS: Readonly<Record<FabNorm, number>> = { linf: 0.3, l2: 1, l1: 5 };

/** One step: between the projections of image and original on the linearized boundary, overshot by eta. */
function blend(
  image: Float32Array,
  original: Float32Array,
  { value, gradient }: Linearised,
  sign: 1 | -1,
  norm: FabNorm,
  alphaMax: number,
  eta: number,
): Float32Array {
  const uphill = sign === 1 ? gradient : gradient.map((slope) => -slope);
  let slopeFromOriginal = 0;
  for (let i = 0; i < image.length; i++) slopeFromOriginal += uphill[i]! * (image[i]! - original[i]!);
  const lacking = -sign * value;
  const least = leastAmount(gradient, norm);
  const here = towards(image, uphill, Math.abs(lacking) < least ? least : lacking, norm);
  const there = towards(original, uphill, -(sign * value - slopeFromOriginal), norm);
  const [near, far] = [length(here, norm), length(there, norm)];
  const alpha = near + far === 0 ? 0 : Math.min(near / (near + far), alphaMax);
  const next = new Float32Array(image.length);
  for (let i = 0; i < next.length; i++) {
    next[i] = (1 - alpha) * (image[i]! + eta * here[i]!) + alpha * (original[i]! + eta * there[i]!);
  }
  return clip(next);
}

/** The shortest step that changes a linear function by an amount, up or down. */
function towards(image: Float32Array, uphill: Float32Array, amount: number, norm: FabNorm): Float32Array {
  if (amount >= 0) return stepTo(image, uphill, amount, norm);
  const downhill = uphill.map((slope) => -slope);
  return stepTo(image, downhill, -amount, norm);
}

/** Bisection on the line from the original to the best image. */
function* approach(sample: Sample, best: Float32Array): Steps {
  let [low, high] = [0, 1];
  for (let step = 0; step < FINAL_SEARCH; step++) {
    // A quarter, a half, three quarters of the way: one call of the network each.
    const shares = [0.25, 0.5, 0.75].map((part) => low + part * (high - low));
    const images = shares.map((share) => best.map((pixel, i) => sample.image[i]! + share * (pixel - sample.image[i]!)));
    const answers = yield* logitsOfEach(images);
    const first = answers.findIndex((logits) => isAdversarial(sample.criterion, logits));
    [low, high] = [first < 0 ? shares[2]! : first === 0 ? low : shares[first - 1]!, first < 0 ? high : shares[first]!];
  }
}

const SETTINGS = z.object({
  steps: z.int().min(1).default(100).describe('steps along a boundary'),
  restarts: z.int().min(1).default(1).describe('starts, all but the first at random'),
  alphaMax: z.number().min(0).max(1).default(0.1).describe('largest share of the pull towards the original'),
  eta: z.number().min(1).default(1.05).describe('factor by which a step goes beyond the boundary'),
  beta: z.number().min(0).max(1).default(0.9).describe('share of the distance that is kept after a success'),
});

const COMMON = {
  paper: 'Croce and Hein 2020, arXiv 1907.02044',
  access: 'gradients',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
} as const;

/** FAB towards all classes at each step (Croce and Hein 2020, arXiv 1907.02044); minimal Linf, L2 or L1. */
export const fab = defineMinimalAttack({
  ...COMMON,
  name: 'fab',
  title: 'Fast adaptive boundary',
  summary: 'walks along the nearest boundary towards the original; all classes at each step',
  settings: SETTINGS,
  *search(sample, norm, settings) {
    const { criterion, numClasses } = sample;
    const boundaries =
      criterion.target === undefined
        ? Array.from({ length: numClasses }, (_, k) => k)
            .filter((k) => k !== criterion.label)
            .map((k) => ({ objective: logitDifference(numClasses, k, criterion.label), sign: 1 as const }))
        : [marginTo(criterion)];
    yield* walk(sample, norm, boundaries, settings);
  },
});

/** FAB towards the likeliest other classes in turn (Croce and Hein 2020, arXiv 1907.02044); minimal Linf, L2 or L1. */
export const fabT = defineMinimalAttack({
  ...COMMON,
  name: 'fab-t',
  title: 'Targeted fast adaptive boundary',
  summary: 'FAB towards each of the likeliest other classes in turn: one gradient a step, for many classes',
  settings: SETTINGS.extend({
    classes: z.int().min(1).default(9).describe('likeliest other classes that are tried'),
  }),
  *search(sample, norm, { classes: count, ...settings }) {
    const { criterion, numClasses } = sample;
    const rivals =
      criterion.target === undefined ? ranking(sample.logits).filter((k) => k !== criterion.label) : [criterion.target];
    for (const rival of rivals.slice(0, count)) {
      const boundary =
        criterion.target === undefined
          ? ({ objective: logitDifference(numClasses, rival, criterion.label), sign: 1 } as const)
          : marginTo(criterion);
      yield* walk(sample, norm, [boundary], settings);
    }
  },
});
