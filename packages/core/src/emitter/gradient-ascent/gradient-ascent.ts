/**
 * @file Gradient ascent to a class: the image climbs the softmax unit by steps that aim at a given progress (Nguyen,
 * Yosinski and Clune 2015, section 3.6 and released code).
 */

import { bestOfClasses } from '../../archive/best-of-classes.ts';
import { hasGradient } from '../../classifier/classifier.ts';
import { unsoundImages } from '../../classifier/objective.ts';
import { InputError } from '../../errors.ts';
import { imageSize } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { GRADIENT_EVALUATIONS } from '../cost.ts';
import type { Candidate, Emitter, Outcome, Proposal, Question } from '../emitter.ts';
import { defineEmitter, type EmitterContext } from '../kind.ts';
import type { Recordable } from '../recordable.ts';
import { ascend } from './ascend.ts';
import { decayL2 } from './regularizers.ts';
import { ASCENT_PRESETS, ASCENT_SETTINGS, type AscentSettings } from './settings.ts';
import { type AscentSpace, ascentSpace, requireSpace } from './space.ts';

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
  /** `N x size` in the space of the ascent: of pixels, deviations from the origin; or latents. */
  readonly x: Float32Array;
}

/**
 * Climbs to all classes, a group of them at a time. Each question takes the group some steps further and asks about its
 * images, rounded to 8 bits, each for its own class only; the group ends with its steps, or when the archive holds its
 * target for each of its classes. It works in the space of pixels, or in that of a generator's latents: with the encodings `pixels` and
 * `latent`.
 */
export class GradientAscentEmitter implements Emitter {
  readonly name = 'gradient-ascent';
  readonly variation = undefined;
  readonly #space: AscentSpace;
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
    this.#space = ascentSpace(scorer, encoding, settings);
    this.#classIndices = [...new Set(classIndices)].sort((a, b) => a - b);
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
      evaluations += GRADIENT_EVALUATIONS * climb.targets.length;
      this.#onProgress?.(this.progress);
    }
    const genomes = this.#space.genomes(climb.x);
    const candidates = Array.from(
      climb.targets,
      (target, row): Candidate => ({ parents: [], target, genome: genomes[row]! }),
    );
    return { candidates, evaluations };
  }

  tell({ archive }: Pick<Outcome, 'archive'>): void {
    const climb = this.#climb;
    if (climb === undefined) return;
    const { steps, starts, target } = this.#settings;
    const group = climb.targets.length / starts;
    const best = bestOfClasses(archive);
    const isReached = (_: unknown, i: number): boolean => {
      const elite = best.elites[best.classIndices.indexOf(climb.targets[i * starts]!)];
      return (elite?.confidence ?? 0) >= target;
    };
    if (climb.step < steps && !Array.from({ length: group }, isReached).every(Boolean)) return;
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
    const size = targets.length * this.#space.size;
    if (!(x instanceof Float32Array) || x.length !== size || !x.every(Number.isFinite)) throw unusableState('x');
    this.#climb = { step, targets: Int32Array.from(targets), x: x.slice() };
  }

  /** Where the ascents begin. Each depends on the seed, its class and its start only. */
  #begin(count: number): Climb {
    const { starts } = this.#settings;
    const group = Math.max(1, Math.floor(count / starts));
    const classes = this.#classIndices.slice(this.#first, this.#first + group);
    const targets = Int32Array.from({ length: classes.length * starts }, (_, i) => classes[Math.floor(i / starts)]!);
    const { size } = this.#space;
    const x = new Float32Array(targets.length * size);
    targets.forEach((target, row) => {
      const random = Random.stream(this.#seed, ASCENT_STREAM, target, row % starts);
      this.#space.begin(x.subarray(row * size, (row + 1) * size), random);
    });
    this.#space.clip(x);
    return { step: 0, targets, x };
  }

  async #takeStep(climb: Climb): Promise<void> {
    const { x, targets } = climb;
    const settings = this.#settings;
    const objective = { kind: 'log-confidence', classIndices: targets } as const;
    const answer = await this.#space.gradient(x, objective);
    const { value, gradient } = answer;
    climb.step++;
    const unsound = unsoundImages(answer);
    const kept = unsound.map((row) => this.#end(climb, row));
    ascend(x, value, gradient, settings);
    if (settings.decay > 0) decayL2(x, settings.decay);
    this.#space.regularize(x, gradient, climb.step);
    this.#space.clip(x);
    unsound.forEach((row, at) => {
      x.set(kept[at]!, row * kept[at]!.length);
    });
  }

  /**
   * An image with a gradient that is not finite ends its ascent: it stays as it is, so its gradient stays so as well.
   *
   * @returns its place in the space of the ascent
   */
  #end({ step, targets, x }: Climb, row: number): Float32Array {
    const { size } = this.#space;
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
}

/** Gradient ascent as it is chosen by name; with the encodings `pixels` and `latent`. */
export const gradientAscent = defineEmitter({
  name: 'gradient-ascent',
  summary: 'steps up the gradient of each class, from noise: of pixels, or of the latents of a generator',
  explanation:
    "Each image began at random and was moved along the network's own gradient, step by step, to raise the confidence in one class.",
  kept: 'One image for each class: of all starts, and of every tenth step on the way, the one with the highest confidence.',
  settings: ASCENT_SETTINGS,
  presets: ASCENT_PRESETS,
  needs: 'gradients',
  encoding: 'pixels',
  length: { setting: 'steps' },
  variation: (encoding) => {
    requireSpace(encoding);
    return undefined;
  },
  batch: (shape, { starts = 4 }) => Math.max(1, Math.floor(USUAL_BYTES / imageSize(shape) / starts)) * starts,
  create: (context, settings) => new GradientAscentEmitter(context, settings),
});

function unusableState(field: string): InputError {
  return new InputError(`The state of gradient ascent is damaged: its ${field} is none of this search`);
}
