/** @file Boundary attack: a random walk along the boundary that comes nearer step by step. */

import {
  adversarialStart,
  clip,
  defineMinimalAttack,
  isAdversarial,
  logitsOf,
  logitsOfEach,
  type Sample,
  type Steps,
  toBoundary,
  z,
} from '../kit.ts';

interface Options {
  readonly steps: number;
  /** Length of the step along the sphere around the original, as a share of the distance. */
  readonly sphericalStep: number;
  /** Length of the step towards the original, as a share of the distance. */
  readonly sourceStep: number;
  /** Factor by which both lengths are adapted. */
  readonly adaptation: number;
}

/** Share of the distance to which the first image is brought to the boundary. */
const START_TOLERANCE = 1e-3;

/** Steps between two of which the step along the sphere is also tried alone, to know its rate of success. */
const PROBE = 10;

/**
 * Tries over which a rate of success is taken. The paper does not say how many; with the 100 and 30 of Foolbox the steps along the sphere
 * change once in a thousand queries, and still are far too long or too short after five thousand.
 */
const [ALONE, WHOLE] = [10, 5];

/** The walk ends when its step towards the original is a smaller share of the distance. */
const CONVERGED = 1e-7;

/**
 * Brendel et al. 2018, algorithm 1 and section 2.3. Both lengths follow recent rates of success: near a boundary that is
 * flat at the scale of the steps, half of those along the sphere stay on the adversarial side, so they grow above a half and
 * shrink below a fifth; the step towards the original alone does the same at a quarter and a tenth.
 */
function* walk(sample: Sample, options: Options): Steps {
  const { criterion } = sample;
  const start = yield* adversarialStart(sample);
  if (start === undefined) return;
  let image = yield* toBoundary(sample, start, 'l2', START_TOLERANCE);
  let { sphericalStep, sourceStep } = options;
  const alone = new SuccessRate(ALONE, 0.2, 0.5);
  const whole = new SuccessRate(WHOLE, 0.1, 0.25);
  for (let step = 0; step < options.steps && sourceStep >= CONVERGED; step++) {
    const sideways = alongSphere(sample, image, sphericalStep);
    const candidate = nearer(sample.image, sideways, image, sourceStep);
    let reached: boolean;
    if (step % PROBE === 0) {
      const [first, second] = yield* logitsOfEach([sideways, candidate]);
      const stays = isAdversarial(criterion, first!);
      reached = isAdversarial(criterion, second!);
      alone.add(stays);
      if (stays) whole.add(reached);
    } else reached = isAdversarial(criterion, yield* logitsOf(candidate));
    if (reached) image = candidate;
    const both = options.adaptation ** alone.verdict();
    sphericalStep *= both;
    sourceStep *= both * options.adaptation ** whole.verdict();
  }
}

/** A random step at right angles to the way to the original, back on the sphere around it, cut to the box. */
function alongSphere({ image: original, random }: Sample, image: Float32Array, size: number): Float32Array {
  const n = image.length;
  const step = new Float32Array(n);
  let [along, radius] = [0, 0];
  for (let i = 0; i < n; i++) {
    step[i] = random.normal();
    const way = image[i]! - original[i]!;
    along += step[i]! * way;
    radius += way * way;
  }
  let squares = 0;
  for (let i = 0; i < n; i++) {
    step[i]! -= (along / radius) * (image[i]! - original[i]!);
    squares += step[i]! * step[i]!;
  }
  const scale = (size * Math.sqrt(radius)) / Math.sqrt(squares);
  const shrink = 1 / Math.sqrt(1 + size * size);
  for (let i = 0; i < n; i++) step[i] = original[i]! + shrink * (image[i]! - original[i]! + scale * step[i]!);
  return clip(step);
}

/** A point of the sphere moved towards the original, to 1 - size times the distance that the walk has come to. */
function nearer(original: Float32Array, point: Float32Array, from: Float32Array, size: number): Float32Array {
  const shrink = (1 - size) * Math.min(1, Math.sqrt(squares(from, original) / squares(point, original)));
  const candidate = new Float32Array(point.length);
  for (let i = 0; i < point.length; i++) candidate[i] = original[i]! + shrink * (point[i]! - original[i]!);
  return clip(candidate);
}

function squares(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}

/** The rate of success over a number of tries. */
class SuccessRate {
  readonly #tries: number;
  readonly #low: number;
  readonly #high: number;
  #made = 0;
  #successes = 0;

  constructor(tries: number, low: number, high: number) {
    this.#tries = tries;
    this.#low = low;
    this.#high = high;
  }

  add(success: boolean): void {
    this.#made++;
    if (success) this.#successes++;
  }

  /** 1 where the rate over all tries is high, -1 where it is low, 0 in between or before there are enough; then anew. */
  verdict(): -1 | 0 | 1 {
    if (this.#made < this.#tries) return 0;
    const rate = this.#successes / this.#made;
    this.#made = 0;
    this.#successes = 0;
    return rate > this.#high ? 1 : rate < this.#low ? -1 : 0;
  }
}

/** The Boundary attack (Brendel et al. 2018), which sees decisions only; minimal L2. */
export const boundary = defineMinimalAttack({
  name: 'boundary',
  title: 'Boundary attack',
  paper: 'Brendel, Rauber and Bethge 2018, arXiv 1712.04248',
  summary: 'walks along the boundary from afar; minimal L2, sees decisions only',
  access: 'decisions',
  norms: ['l2'],
  targeted: true,
  settings: z.object({
    steps: z.int().min(1).default(25_000).describe('steps of the walk'),
    sphericalStep: z.number().gt(0).default(0.01).describe('first step along the sphere, as a share of the distance'),
    sourceStep: z.number().gt(0).lt(1).default(0.01).describe('first step to the original, as a share of the distance'),
    adaptation: z.number().gt(1).default(1.5).describe('factor by which both steps are adapted'),
  }),
  search: (sample, _, settings) => walk(sample, settings),
});
