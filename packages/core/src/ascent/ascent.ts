/**
 * @file Gradient ascent to a class: the image climbs the softmax unit by steps that aim at a given progress (Nguyen,
 * Yosinski and Clune 2015, section 3.6 and released code).
 */

import type { GradientScorer } from '../classifier/classifier.ts';
import type { Scores } from '../classifier/scores.ts';
import { EliteArchive } from '../evolution/archive.ts';
import type { Generation, SearchState } from '../evolution/search.ts';
import { archiveStatistics } from '../evolution/statistics.ts';
import { type FloatImages, type Images, imageSize, toBytes } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { blur, clipSmallBenefit, clipSmallNorm, decayL2 } from './regularisers.ts';
import type { AscentSettings } from './settings.ts';

export interface AscentOptions {
  readonly scorer: GradientScorer;
  readonly classes: readonly number[];
  readonly seed: number;
  readonly settings: AscentSettings;
  /** Starts for each class; the best one counts. */
  readonly starts: number;
  /** Classes that climb together in one batch. Chosen by image size when absent. */
  readonly group?: number;
  /** A group ends early when the best 8-bit image of each of its classes has reached this. Never when absent. */
  readonly target?: number;
  /** Called after each step of a group with the share of its steps done. */
  readonly onStep?: (share: number) => void;
}

/** Steps between two looks at the 8-bit images. */
const LOOK_EVERY = 10;

const ASCENT_STREAM = 2;

/**
 * Ascent for all classes, a group at a time, with the same face as a search: a step finishes a group, and the archive
 * holds each class's best image as it stands in 8 bits. A genome is the image itself.
 */
export class Ascent {
  readonly archive: EliteArchive;
  readonly #options: AscentOptions;
  readonly #group: number;
  #generations = 0;
  #evaluations = 0;
  #jumps = 0;

  constructor(options: AscentOptions, state?: SearchState) {
    this.#options = options;
    this.archive = new EliteArchive(options.classes);
    this.#group = options.group ?? defaultGroup(options);
    if (state === undefined) return;
    this.#generations = state.generations;
    this.#evaluations = state.evaluations;
    this.#jumps = state.jumps;
    state.elites.forEach((elite, cell) => {
      if (elite !== undefined) this.archive.restore(cell, elite);
    });
  }

  /** Groups finished so far. */
  get generations(): number {
    return this.#generations;
  }

  /** Groups in all. */
  get total(): number {
    return Math.ceil(this.archive.classIndices.length / this.#group);
  }

  state(): SearchState {
    return {
      generations: this.#generations,
      evaluations: this.#evaluations,
      jumps: this.#jumps,
      elites: [...this.archive.elites],
    };
  }

  /** Takes the next group of classes to the end of its ascent. */
  async step(): Promise<Generation> {
    const { classIndices } = this.archive;
    const group = classIndices.slice(this.#generations * this.#group, (this.#generations + 1) * this.#group);
    const jumps = await this.#climb(group);
    const generation = this.#generations++;
    this.#jumps += jumps.length;
    return {
      generation,
      evaluations: this.#evaluations,
      jumps: this.#jumps,
      births: jumps.map((jump) => ({ ...jump, parent: undefined })),
      ...archiveStatistics(this.archive),
    };
  }

  async #climb(group: readonly number[]): Promise<ReturnType<EliteArchive['tell']>> {
    const { scorer, settings, starts, target, onStep } = this.#options;
    const targets = Int32Array.from({ length: group.length * starts }, (_, i) => group[Math.floor(i / starts)]!);
    const x = this.#start(targets);
    const jumps = [];
    for (let step = 1; step <= settings.steps; step++) {
      const { value, gradient } = await scorer.gradient(this.#images(x), {
        kind: 'log-probability',
        classIndices: targets,
      });
      this.#evaluations += targets.length;
      ascend(x, value, gradient, settings);
      this.#regularise(x, gradient, step);
      this.#clip(x);
      onStep?.(step / settings.steps);
      if (step % LOOK_EVERY !== 0 && step !== settings.steps) continue;
      jumps.push(...(await this.#tell(toBytes(this.#images(x)), targets)));
      if (target !== undefined && group.every((label) => this.#confidence(label) >= target)) break;
    }
    return jumps;
  }

  /** The origin with noise, written as deviations from the origin. */
  #start(targets: Int32Array): Float32Array {
    const { scorer, seed, settings, starts } = this.#options;
    const size = imageSize(scorer.shape);
    const x = new Float32Array(targets.length * size);
    targets.forEach((label, index) => {
      const random = Random.stream(seed, ASCENT_STREAM, label, index % starts);
      for (let i = 0; i < size; i++) x[index * size + i] = (random.normal() * settings.startDeviation) / 255;
    });
    this.#clip(x);
    return x;
  }

  #regularise(x: Float32Array, gradient: Float32Array, step: number): void {
    const { settings, scorer } = this.#options;
    if (settings.decay > 0) decayL2(x, settings.decay);
    if (settings.blur !== undefined && step % settings.blur.every === 0) blur(x, scorer.shape, settings.blur.radius);
    if (settings.smallNorm !== undefined) clipSmallNorm(x, scorer.shape, settings.smallNorm);
    if (settings.smallBenefit !== undefined) clipSmallBenefit(x, gradient, scorer.shape, settings.smallBenefit);
  }

  /** Keeps pixels in [0, 1]. */
  #clip(x: Float32Array): void {
    this.#eachPlane(x, (plane, origin) => {
      for (let i = 0; i < plane.length; i++) plane[i] = Math.min(1 - origin, Math.max(-origin, plane[i]!));
    });
  }

  #images(x: Float32Array): FloatImages {
    const { shape } = this.#options.scorer;
    const data = x.slice();
    this.#eachPlane(data, (plane, origin) => {
      for (let i = 0; i < plane.length; i++) plane[i] = Math.min(1, Math.max(0, plane[i]! + origin));
    });
    return { ...shape, count: data.length / imageSize(shape), data };
  }

  #eachPlane(x: Float32Array, visit: (plane: Float32Array, origin: number) => void): void {
    const { shape, origin } = this.#options.scorer;
    const size = shape.height * shape.width;
    for (let start = 0, plane = 0; start < x.length; start += size, plane++) {
      visit(x.subarray(start, start + size), origin[plane % shape.channels]!);
    }
  }

  /** Enters each image for its own class only. */
  async #tell(images: Images, targets: Int32Array): Promise<ReturnType<EliteArchive['tell']>> {
    const scores = await this.#options.scorer.predict(images);
    const own: Scores = { ...scores, data: new Float32Array(scores.data.length).fill(-1) };
    targets.forEach((label, row) => {
      own.data[row * scores.numClasses + label] = scores.data[row * scores.numClasses + label]!;
    });
    const size = imageSize(images);
    const genomes = Array.from(targets, (_, row) => images.data.subarray(row * size, (row + 1) * size));
    const jumps = this.archive.tell(own, genomes, this.#evaluations);
    this.#evaluations += images.count;
    return jumps;
  }

  #confidence(label: number): number {
    return this.archive.elites[this.archive.classIndices.indexOf(label)]?.confidence ?? 0;
  }
}

/**
 * One step up the probability p = exp(value): along its gradient, of the length at which its linearisation promises
 * `min(early, late (1 - p))`, but no longer than `maxStep`. Written with the gradient of log p, which does not vanish
 * where p does: grad p = p grad log p has the same direction, and the promised length is progress / (p |grad log p|).
 *
 * @param x `N x size`, changed in place
 * @param value N times log p
 * @param gradient `N x size`, of log p
 */
export function ascend(
  x: Float32Array,
  value: Float32Array,
  gradient: Float32Array,
  settings: Pick<AscentSettings, 'early' | 'late' | 'maxStep'>,
): void {
  const size = x.length / value.length;
  for (let index = 0; index < value.length; index++) {
    const start = index * size;
    let norm = 0;
    for (let i = start; i < start + size; i++) norm += gradient[i]! * gradient[i]!;
    norm = Math.sqrt(norm);
    if (norm === 0) continue;
    const p = Math.exp(value[index]!);
    const progress = Math.min(settings.early, settings.late * (1 - p));
    const length = Math.min(progress / (p * norm), settings.maxStep * Math.sqrt(size));
    for (let i = start; i < start + size; i++) x[i]! += (length / norm) * gradient[i]!;
  }
}

/** About 4 MB of 8-bit images in a batch, at least one class. */
function defaultGroup(options: AscentOptions): number {
  return Math.max(1, Math.floor(4_000_000 / imageSize(options.scorer.shape) / options.starts));
}
