/** @file Gradient steps on the weights of CPPNs, up the log-odds of a class. */

import type { GradientScorer } from '../../classifier/classifier.ts';
import { isFinite32 } from '../../classifier/objective.ts';
import type { CppnEncoding } from '../../encoding/cppn/cppn.ts';
import { type CppnGenome, unpackCppn } from '../../encoding/cppn/genome.ts';
import { cppnGradient } from '../../encoding/cppn/gradient.ts';
import { imageSize, toFloat } from '../../image/images.ts';

/**
 * Adam's decay of the first and second moment, and what keeps it from dividing by 0 (Kingma and Ba 2015). Both memories are shorter
 * than theirs, since a climb has few steps.
 */
const [BETA1, BETA2, EPSILON] = [0.7, 0.99, 1e-12];

/** Odds are raised this much beyond those of the target, since a score is rounded otherwise beside other images. */
const MARGIN = 1.1;

/** Smallest 1 - p that is divided by. */
const LEAST_DOUBT = 1e-7;

/** Where a climb begins. */
export interface Start {
  readonly genome: CppnGenome;
  readonly classIndex: number;
  /** Step of each weight. */
  readonly rate: number;
}

/** What a climb came to. */
export interface Summit {
  /** The best image's genome, packed. */
  readonly genome: Uint8Array;
  /** The logarithm of its confidence as an 8-bit image. */
  readonly value: number;
}

/** What climbs share. */
export interface ClimbOptions {
  readonly scorer: GradientScorer;
  readonly encoding: CppnEncoding;
  readonly steps: number;
  /** A climb ends at this confidence. */
  readonly target: number;
}

/** A climb under way. */
class Climber {
  readonly genome: CppnGenome;
  readonly start: Start;
  readonly #first: Float32Array;
  readonly #second: Float32Array;
  readonly #gradient: Float32Array;
  #steps = 0;
  best: Summit | undefined;
  isDone = false;

  constructor(start: Start, outputs: 1 | 3) {
    this.start = start;
    this.genome = unpackCppn(new Uint8Array(start.genome.bytes), outputs);
    const { length } = this.genome.weights;
    this.#first = new Float32Array(length);
    this.#second = new Float32Array(length);
    this.#gradient = new Float32Array(length);
  }

  /** Notes what the image scores, and takes a step. */
  step(value: number, pixels: Float32Array, { encoding, target }: ClimbOptions): void {
    if (!Number.isFinite(value) || !isFinite32(pixels)) {
      this.isDone = true;
      return;
    }
    if (this.best === undefined || value > this.best.value) this.best = { genome: this.genome.bytes.slice(), value };
    const doubt = -Math.expm1(value);
    this.isDone = doubt * MARGIN <= 1 - target;
    if (this.isDone) return;
    const gradient = this.#gradient;
    cppnGradient(this.genome, encoding.shape, pixels, gradient);
    if (!gradient.some((each) => each !== 0)) {
      this.isDone = true;
      return;
    }
    // The log-odds log p / (1 - p) keep their slope where the logarithm of p has none left.
    const scale = 1 / Math.max(LEAST_DOUBT, doubt);
    const { weightLimit } = encoding.settings;
    const { weights } = this.genome;
    this.#steps++;
    const [one, two] = [1 - BETA1 ** this.#steps, 1 - BETA2 ** this.#steps];
    for (let i = 0; i < weights.length; i++) {
      const slope = scale * gradient[i]!;
      this.#first[i] = BETA1 * this.#first[i]! + (1 - BETA1) * slope;
      this.#second[i] = BETA2 * this.#second[i]! + (1 - BETA2) * slope * slope;
      const move = (this.start.rate * (this.#first[i]! / one)) / (Math.sqrt(this.#second[i]! / two) + EPSILON);
      weights[i] = Math.max(-weightLimit, Math.min(weightLimit, weights[i]! + move));
    }
  }
}

/**
 * Climbs from all starts together. Each step scores the 8-bit image and differentiates there, as if rounding were the identity (the
 * straight-through estimator); the weights then move by Adam. A climb ends early at its target, and where its gradient is 0 or
 * not finite.
 *
 * @returns the best image of each climb that was scored at all, or its start; and how many gradients were taken
 */
export async function climb(
  starts: readonly Start[],
  options: ClimbOptions,
): Promise<{ readonly summits: readonly Summit[]; readonly gradients: number }> {
  const { scorer, encoding, steps } = options;
  const { channels, height, width } = encoding.shape;
  const size = imageSize(encoding.shape);
  const climbers = starts.map((start) => new Climber(start, channels));
  let gradients = 0;
  for (let step = 0; step < steps; step++) {
    const open = climbers.filter(({ isDone }) => !isDone);
    if (open.length === 0) break;
    const levels = new Uint8Array(open.length * size);
    encoding.render(
      open.map(({ genome }) => genome),
      levels,
    );
    const classIndices = Int32Array.from(open, ({ start }) => start.classIndex);
    const images = toFloat({ channels, height, width, count: open.length, data: levels });
    const { value, gradient } = await scorer.gradient(images, { kind: 'log-confidence', classIndices });
    gradients += open.length;
    open.forEach((climber, row) => {
      climber.step(value[row]!, gradient.subarray(row * size, (row + 1) * size), options);
    });
  }
  const summits = climbers.map(
    ({ best, start }) => best ?? { genome: start.genome.bytes, value: Number.NEGATIVE_INFINITY },
  );
  return { summits, gradients };
}
