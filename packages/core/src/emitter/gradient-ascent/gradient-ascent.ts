/**
 * @file Gradient ascent to a class: the image climbs the softmax unit by steps that aim at a given progress (Nguyen,
 * Yosinski and Clune 2015, section 3.6 and released code).
 */

import { type GradientScorer, hasGradient } from '../../classifier/classifier.ts';
import { unsoundImages } from '../../classifier/objective.ts';
import type { Encoding } from '../../encoding/encoding.ts';
import { InputError } from '../../errors.ts';
import { type FloatImages, imageSize, toBytes } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import type { Candidate, Emitter, Outcome, Proposal, Question } from '../emitter.ts';
import { defineEmitter, type EmitterContext } from '../kind.ts';
import type { Recordable } from '../recordable.ts';
import { ascend } from './ascend.ts';
import { blur, clipSmallBenefit, clipSmallNorm, decayL2 } from './regularizers.ts';
import { ASCENT_PRESETS, ASCENT_SETTINGS, type AscentSettings } from './settings.ts';

/** Steps between two measurements of the 8-bit images. */
const LOOK_EVERY = 10;

const ASCENT_STREAM = 2;

/** Bytes of 8-bit images that climb together where the user says nothing: the gradients of more would not pay. */
const USUAL_BYTES = 4_000_000;

/** The state of the ascents of a group. */
interface Climb {
  /** Steps taken. */
  step: number;
  /** For each image the class that it climbs to; the starts of one class are neighbors. */
  readonly targets: Int32Array;
  /** `N x C x H x W`, as deviations from the origin. */
  readonly x: Float32Array;
}

/**
 * Climbs to all classes, a group of them at a time. Each question takes the group some steps further and asks about its
 * images, rounded to 8 bits, each for its own class only; the group ends with its steps, or when the archive holds its
 * target for each of its classes. Genomes are images: it works with the encoding `pixels`.
 */
export class GradientAscentEmitter implements Emitter {
  readonly name = 'gradient-ascent';
  readonly variation = undefined;
  readonly #scorer: GradientScorer;
  readonly #classIndices: readonly number[];
  readonly #settings: AscentSettings;
  readonly #seed: number;
  readonly #onProgress: ((share: number) => void) | undefined;
  readonly #onNotice: ((notice: string) => void) | undefined;
  /** The ascents that have ended early and been told of, by class and start. */
  readonly #ended = new Set<string>();
  /** Place of the first class of the group under way. */
  #first = 0;
  #climb: Climb | undefined;

  /** @throws InputError where the classifier gives no gradients or the encoding is another one */
  constructor(
    { scorer, encoding, classIndices, seed, onProgress, onNotice }: EmitterContext,
    settings: AscentSettings,
  ) {
    if (scorer.noGradient !== undefined) {
      throw new InputError(`Gradient ascent needs gradients: ${scorer.noGradient}; choose another --emitter`);
    }
    if (!hasGradient(scorer)) throw new InputError('Gradient ascent needs a classifier that gives gradients');
    requirePixels(encoding);
    this.#scorer = scorer;
    this.#classIndices = [...classIndices].sort((a, b) => a - b);
    this.#settings = settings;
    this.#seed = seed;
    this.#onProgress = onProgress;
    this.#onNotice = onNotice;
  }

  get progress(): number {
    const { length } = this.#classIndices;
    const climb = this.#climb;
    const under =
      climb === undefined ? 0 : ((climb.targets.length / this.#settings.starts) * climb.step) / this.#settings.steps;
    return Math.min(1, (this.#first + under) / length);
  }

  async ask({ count }: Pick<Question, 'count'>): Promise<Proposal> {
    if (this.#first >= this.#classIndices.length) return { candidates: [], evaluations: 0 };
    this.#climb ??= this.#begin(count);
    const climb = this.#climb;
    const { steps } = this.#settings;
    const until = Math.min(steps, climb.step + LOOK_EVERY - (climb.step % LOOK_EVERY));
    let evaluations = 0;
    while (climb.step < until) {
      await this.#takeStep(climb);
      evaluations += climb.targets.length;
      this.#onProgress?.(this.progress);
    }
    const size = imageSize(this.#scorer.shape);
    const { data } = toBytes(this.#images(climb.x));
    const candidates = Array.from(
      climb.targets,
      (target, row): Candidate => ({ parents: [], target, genome: data.subarray(row * size, (row + 1) * size) }),
    );
    return { candidates, evaluations };
  }

  tell({ archive }: Pick<Outcome, 'archive'>): void {
    const climb = this.#climb;
    if (climb === undefined) return;
    const { steps, starts, target } = this.#settings;
    const group = climb.targets.length / starts;
    const confidences = archive.thresholds();
    const reached = Array.from({ length: group }, (_, i) => archive.classIndices.indexOf(climb.targets[i * starts]!));
    if (climb.step < steps && !reached.every((cell) => confidences[cell]! >= target)) return;
    this.#first += group;
    this.#climb = undefined;
  }

  state(): Recordable {
    const climb = this.#climb;
    if (climb === undefined) return { first: this.#first };
    return { first: this.#first, step: climb.step, targets: [...climb.targets], x: climb.x.slice() };
  }

  restore(state: Recordable): void {
    const { first, step, targets, x } = (state ?? {}) as { readonly [name: string]: Recordable | undefined };
    const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
    if (!isCount(first) || first > this.#classIndices.length) throw unusableState('first');
    this.#first = first;
    this.#climb = undefined;
    if (step === undefined && targets === undefined && x === undefined) return;
    if (!isCount(step)) throw unusableState('step');
    const { starts } = this.#settings;
    if (!Array.isArray(targets) || targets.length === 0 || targets.length % starts !== 0)
      throw unusableState('targets');
    if (!targets.every((target) => this.#classIndices.includes(target))) throw unusableState('targets');
    const size = targets.length * imageSize(this.#scorer.shape);
    if (!(x instanceof Float32Array) || x.length !== size || !x.every(Number.isFinite)) throw unusableState('x');
    this.#climb = { step, targets: Int32Array.from(targets), x: x.slice() };
  }

  /** The origin with noise. Each image depends on the seed, its class and its start only. */
  #begin(count: number): Climb {
    const { starts, startDeviation } = this.#settings;
    const group = Math.max(1, Math.floor(count / starts));
    const classes = this.#classIndices.slice(this.#first, this.#first + group);
    const targets = Int32Array.from({ length: classes.length * starts }, (_, i) => classes[Math.floor(i / starts)]!);
    const size = imageSize(this.#scorer.shape);
    const x = new Float32Array(targets.length * size);
    targets.forEach((target, row) => {
      const random = Random.stream(this.#seed, ASCENT_STREAM, target, row % starts);
      for (let i = 0; i < size; i++) x[row * size + i] = (random.normal() * startDeviation) / 255;
    });
    this.#clip(x);
    return { step: 0, targets, x };
  }

  async #takeStep(climb: Climb): Promise<void> {
    const { x, targets } = climb;
    const settings = this.#settings;
    const { shape } = this.#scorer;
    const objective = { kind: 'log-confidence', classIndices: targets } as const;
    const answer = await this.#scorer.gradient(this.#images(x), objective);
    const { value, gradient } = answer;
    climb.step++;
    const unsound = unsoundImages(answer);
    const kept = unsound.map((row) => this.#end(climb, row));
    ascend(x, value, gradient, settings);
    if (settings.decay > 0) decayL2(x, settings.decay);
    if (settings.blurRadius > 0 && climb.step % settings.blurEvery === 0) blur(x, shape, settings.blurRadius);
    if (settings.smallNorm > 0) clipSmallNorm(x, shape, settings.smallNorm);
    if (settings.smallBenefit > 0) clipSmallBenefit(x, gradient, shape, settings.smallBenefit);
    this.#clip(x);
    unsound.forEach((row, at) => {
      x.set(kept[at]!, row * kept[at]!.length);
    });
  }

  /**
   * An image with a gradient that is not finite ends its ascent: it stays as it is, so its gradient stays so as well.
   *
   * @returns the image, as deviations from the origin
   */
  #end({ step, targets, x }: Climb, row: number): Float32Array {
    const size = imageSize(this.#scorer.shape);
    const [target, start] = [targets[row]!, row % this.#settings.starts];
    const key = `${target} ${start}`;
    if (!this.#ended.has(key)) {
      this.#ended.add(key);
      this.#onNotice?.(
        `The gradient for class ${target} is not finite (NaN or infinite) after ${step - 1} steps of start ${start + 1} of ${this.#settings.starts}: this ascent ends there, the others go on`,
      );
    }
    return x.slice(row * size, (row + 1) * size);
  }

  /** Keeps pixels in [0, 1]. */
  #clip(x: Float32Array): void {
    this.#eachPlane(x, (plane, origin) => {
      for (let i = 0; i < plane.length; i++) plane[i] = Math.min(1 - origin, Math.max(-origin, plane[i]!));
    });
  }

  #images(x: Float32Array): FloatImages {
    const { channels, height, width } = this.#scorer.shape;
    const data = x.slice();
    this.#eachPlane(data, (plane, origin) => {
      for (let i = 0; i < plane.length; i++) plane[i] = Math.min(1, Math.max(0, plane[i]! + origin));
    });
    return { channels, height, width, count: data.length / imageSize(this.#scorer.shape), data };
  }

  #eachPlane(x: Float32Array, visit: (plane: Float32Array, origin: number) => void): void {
    const { shape, origin } = this.#scorer;
    const size = shape.height * shape.width;
    for (let start = 0, plane = 0; start < x.length; start += size, plane++) {
      visit(x.subarray(start, start + size), origin[plane % shape.channels]!);
    }
  }
}

function requirePixels({ name }: Pick<Encoding, 'name'>): void {
  if (name === 'pixels') return;
  throw new InputError(`gradient-ascent works on the encoding pixels, not on ${name}; choose that or another emitter`);
}

/** Gradient ascent as it is chosen by name; with the encoding `pixels` only. */
export const gradientAscent = defineEmitter({
  name: 'gradient-ascent',
  summary: 'steps up the gradient of each class, from noise',
  explanation:
    "Each image began as faint noise and was moved along the network's own gradient, step by step, to raise the confidence in one class.",
  kept: 'One image for each class: of all starts, and of every tenth step on the way, the one with the highest confidence.',
  settings: ASCENT_SETTINGS,
  presets: ASCENT_PRESETS,
  needs: 'gradients',
  encoding: 'pixels',
  length: { setting: 'steps' },
  variation: (encoding) => {
    requirePixels(encoding);
    return undefined;
  },
  batch: (shape, { starts = 4 }) => Math.max(1, Math.floor(USUAL_BYTES / imageSize(shape) / starts)) * starts,
  create: (context, settings) => new GradientAscentEmitter(context, settings),
});

function unusableState(field: string): InputError {
  return new InputError(`The state of gradient ascent is damaged: its ${field} is none of this search`);
}
