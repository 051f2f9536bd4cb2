/** @file The attacks of Carlini and Wagner: distance plus a hinge on the margin, minimized in tanh space. */

import {
  Adam,
  criterionMargin,
  defineMinimalAttack,
  distances,
  gradientAt,
  marginTo,
  type Sample,
  type Steps,
  z,
} from '../kit.ts';

interface Options {
  readonly searchSteps: number;
  readonly steps: number;
  readonly rate: number;
  readonly constant: number;
  readonly confidence: number;
}

/** An image in the box without a bound: x = (tanh w + 1) / 2, shrunk a little so that w stays finite. */
class Unbounded {
  readonly image: Float32Array;
  readonly #w: Float64Array;
  readonly #slope: Float64Array;
  readonly #adam: Adam;

  constructor(start: Float32Array, rate: number) {
    this.#w = Float64Array.from(start, (pixel) => Math.atanh((2 * pixel - 1) * 0.999999));
    this.#slope = new Float64Array(start.length);
    this.#adam = new Adam(start.length, rate);
    this.image = start.slice();
    this.#write();
  }

  /** Moves down a gradient with respect to the image. */
  descend(gradient: (i: number) => number): void {
    for (let i = 0; i < this.#w.length; i++) {
      const y = Math.tanh(this.#w[i]!);
      this.#slope[i] = (gradient(i) * (1 - y * y)) / 2;
    }
    this.#adam.step(this.#w, this.#slope);
    this.#write();
  }

  #write(): void {
    for (let i = 0; i < this.#w.length; i++) this.image[i] = (Math.tanh(this.#w[i]!) + 1) / 2;
  }
}

/**
 * L2 (section VI.A): |x' - x|^2 + c max(-margin, -confidence), where the margin is positive once the image is adversarial; c by
 * binary search. As in the authors' program a search stops when a tenth of its steps has brought nothing.
 */
function* carliniWagnerL2(sample: Sample, options: Options): Steps {
  const { image: original, criterion } = sample;
  const { objective, sign } = marginTo(criterion);
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  let c = options.constant;
  const patience = Math.max(1, Math.floor(options.steps / 10));
  for (let search = 0; search < options.searchSteps; search++) {
    const point = new Unbounded(original, options.rate);
    const { image } = point;
    let reached = false;
    let last = Number.POSITIVE_INFINITY;
    for (let step = 0; step < options.steps; step++) {
      const { logits, gradient } = yield* gradientAt(image, objective);
      const margin = criterionMargin(criterion, logits);
      reached ||= margin > options.confidence;
      const loss = distances(image, original).l2 ** 2 + c * Math.max(-margin, -options.confidence);
      if (step % patience === 0) {
        if (loss > last * 0.9999) break;
        last = loss;
      }
      const pull = margin > options.confidence ? 0 : -c * sign;
      point.descend((i) => 2 * (image[i]! - original[i]!) + pull * gradient[i]!);
    }
    if (reached) high = c;
    else low = c;
    c = high === Number.POSITIVE_INFINITY ? c * 10 : (low + high) / 2;
  }
}

/** Where c starts and ends in Linf. */
const [FIRST_C, LAST_C] = [1e-5, 20];

/** What tau is multiplied by when an adversarial image is found below it: first as in the paper, then finer. */
const FACTORS = [0.9, 0.97] as const;

/**
 * Linf (section VI.C): c max(-margin, -confidence) + sum max(|x' - x| - tau, 0), tau falling whenever an adversarial image is found
 * with all changes below it; c doubles, from 1e-5 to 20, while it is not; each round starts from the last.
 */
function* carliniWagnerLinf(sample: Sample, options: Options): Steps {
  const { image: original } = sample;
  let least = 1;
  let start = original;
  let c = FIRST_C;
  for (const factor of FACTORS) {
    for (let tau = least * factor; tau > 1 / 1024; ) {
      const reached = yield* belowTau(sample, start, c, tau, options);
      if (reached !== undefined) {
        start = reached;
        least = Math.min(tau, distances(reached, original).linf);
        tau = least * factor;
      } else if (c < LAST_C) c *= 2;
      else break;
    }
  }
}

/** One minimization; the image where it has brought all changes below tau and is adversarial. */
function* belowTau(
  sample: Sample,
  start: Float32Array,
  c: number,
  tau: number,
  { steps, rate, confidence }: Options,
): Steps<Float32Array | undefined> {
  const { image: original, criterion } = sample;
  const { objective, sign } = marginTo(criterion);
  const point = new Unbounded(start, rate);
  const { image } = point;
  const patience = Math.max(1, Math.floor(steps / 10));
  let last = Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps; step++) {
    const { logits, gradient } = yield* gradientAt(image, objective);
    const margin = criterionMargin(criterion, logits);
    let excess = 0;
    for (let i = 0; i < image.length; i++) excess += Math.max(0, Math.abs(image[i]! - original[i]!) - tau);
    const loss = c * Math.max(-margin, -confidence) + excess;
    if (margin > confidence && excess < 1e-4 * tau) return image.slice();
    if (step % patience === 0) {
      if (loss > last * 0.9999) return undefined;
      last = loss;
    }
    const pull = margin > confidence ? 0 : -c * sign;
    point.descend((i) => {
      const change = image[i]! - original[i]!;
      return (Math.abs(change) > tau ? Math.sign(change) : 0) + pull * gradient[i]!;
    });
  }
  return undefined;
}

/** The attacks of Carlini and Wagner 2017; minimal L2 or Linf. */
export const cw = defineMinimalAttack({
  name: 'cw',
  title: 'Carlini and Wagner',
  paper: 'Carlini and Wagner 2017, arXiv 1608.04644',
  summary: 'minimizes distance plus a hinge on the margin with Adam in tanh space',
  access: 'gradients',
  norms: ['l2', 'linf'],
  targeted: true,
  settings: z.object({
    searchSteps: z.int().min(1).default(9).describe('values of the constant that are tried (L2)'),
    steps: z.int().min(1).default(1000).describe('steps of Adam for each of them'),
    rate: z.number().gt(0).default(0.01).describe('step size of Adam, halved in Linf'),
    constant: z.number().gt(0).default(1e-3).describe('first weight of the hinge against the distance (L2)'),
    confidence: z.number().min(0).default(0).describe('what the margin has to exceed, in logits'),
  }),
  confidence: ({ confidence }) => confidence,
  search: (sample, norm, settings) =>
    norm === 'linf'
      ? carliniWagnerLinf(sample, { ...settings, rate: settings.rate / 2 })
      : carliniWagnerL2(sample, settings),
});
