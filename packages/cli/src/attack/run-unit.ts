/** @file Runs one work unit of an attack. */

import {
  attackImages,
  checkTarget,
  EXPECTATION,
  type Images,
  type KnownStart,
  knownStarts,
  mayBeginAtStarts,
  sliceImages,
} from '@pareidolia/core';
import { ownSettings } from './choice.ts';
import type { AttackContext } from './context.ts';
import { type ImageResult, imageResults, type UnitResult } from './unit-result.ts';
import { type AttackUnit, batchOf } from './units.ts';

/** Images that are checked for signs that a verdict is unreliable. */
const CHECKED = 32;

export interface UnitObserver {
  readonly signal: AbortSignal;
  /** Share of the unit that is done, and forward passes that were made since it began. */
  progress(share: number, forward: number): void;
}

/** Runs units; what several of them need is made once. */
export class UnitRunner {
  readonly #context: AttackContext;
  #starts: Promise<readonly KnownStart[]> | undefined;

  constructor(context: AttackContext) {
    this.#context = context;
  }

  async run(unit: AttackUnit, observer: UnitObserver): Promise<UnitResult> {
    if (unit.task === 'check') return { flags: await this.#check(), images: [] };
    const images = unit.task === 'images' ? await this.#attack(unit, observer) : await this.#universal(unit, observer);
    return { flags: [], images };
  }

  async #check(): Promise<UnitResult['flags']> {
    const { classifier, subjects } = this.#context;
    const few = Math.min(CHECKED, subjects.images.count);
    const flags = await checkTarget(classifier, sliceImages(subjects.images, 0, few), subjects.labels.subarray(0, few));
    return flags.map(({ kind, what }) => ({ kind, what }));
  }

  async #attack(
    { attack, from, to, seed }: Extract<AttackUnit, { task: 'images' }>,
    { signal, progress }: UnitObserver,
  ): Promise<ImageResult[]> {
    const { settings, classifier, subjects, targets, epsilons } = this.#context;
    const images = sliceImages(subjects.images, from, to);
    const results = await attackImages(classifier, attack, images, subjects.labels.subarray(from, to), {
      norm: settings.norm ?? attack.norms[0],
      ...(epsilons === undefined || attack.kind === 'minimal'
        ? {}
        : { epsilons, independent: settings.eachEpsilon === true }),
      ...(targets === undefined ? {} : { targets: targets.subarray(from, to) }),
      settings: ownSettings(attack, settings.set),
      seed,
      first: from,
      quantize: settings.quantize,
      ...(settings.transformations ? { expectation: EXPECTATION } : {}),
      ...(settings.budget === undefined ? {} : { budget: settings.budget }),
      batch: batchOf(this.#context),
      // Attacks that see only decisions start a targeted search from images that have the target class; others may, too.
      ...(mayBeginAtStarts(attack, ownSettings(attack, settings.set))
        ? { starts: await this.#knownStarts(subjects.images) }
        : {}),
      signal,
      onProgress: (done, forward) => progress(done / (to - from), forward),
    });
    return imageResults(classifier, results, settings.pictures);
  }

  #knownStarts(images: Images): Promise<readonly KnownStart[]> {
    this.#starts ??= knownStarts(this.#context.classifier, images);
    return this.#starts;
  }

  /** One perturbation for all images at one epsilon, and what it does to each of them. */
  async #universal(
    { attack, norm, epsilon, seed }: Extract<AttackUnit, { task: 'universal' }>,
    { signal, progress }: UnitObserver,
  ): Promise<ImageResult[]> {
    const { settings, classifier, subjects } = this.#context;
    const results = await attackImages(classifier, attack, subjects.images, subjects.labels, {
      norm,
      epsilons: [epsilon],
      settings: ownSettings(attack, settings.set),
      seed,
      quantize: settings.quantize,
      batch: batchOf(this.#context),
      signal,
      onProgress: (done, forward) => progress(done / subjects.images.count, forward),
    });
    return imageResults(classifier, results, settings.pictures);
  }
}
