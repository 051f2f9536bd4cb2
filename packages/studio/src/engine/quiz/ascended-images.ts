/** @file Images of a quiz that are made by gradient ascent, one class after the other. */

import {
  type Classifier,
  type GradientScorer,
  InputError,
  openSearch,
  Random,
  resolveSearch,
  type SearchSpec,
  searchEncoding,
} from '@pareidolia/core';
import { drawElite } from '../elite-image.ts';
import { isSmall } from '../elite-view.ts';
import { answersTo, batchOfOne, type ImageSource, type QuizImage } from './image-source.ts';

const STREAM = 3;

/** Steps, and the confidence that ends them: few on large networks, of which a step takes a second. */
const [STEPS, TARGET] = [200, 0.99] as const;
const [FEW_STEPS, LOW_TARGET] = [60, 0.9] as const;

/** Passes that a step counts as: its gradient, and the look at the 8-bit image now and then. */
const PASSES = 3.1;

/** Classes that are tried for one image. */
const ATTEMPTS = 4;

export class AscendedImages implements ImageSource {
  readonly #network: Classifier & GradientScorer;
  readonly #classes: readonly number[];
  readonly #random: Random;
  readonly #spec: SearchSpec;
  readonly most: number;
  #waiting: number[] = [];

  /** @param classes that images may be made for */
  constructor(network: Classifier & GradientScorer, classes: readonly number[], seed: number) {
    this.#network = network;
    this.#classes = classes;
    this.#random = Random.stream(seed, STREAM);
    const [steps, target] = isSmall(network) ? [STEPS, TARGET] : [FEW_STEPS, LOW_TARGET];
    this.most = Math.ceil(steps * PASSES);
    this.#spec = resolveSearch(
      { emitter: 'gradient-ascent', encoding: 'pixels', generations: steps, settings: { starts: 1, target } },
      network.shape,
    );
  }

  async next(): Promise<QuizImage> {
    const encoding = searchEncoding(this.#spec, this.#network.shape);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (this.#waiting.length === 0) this.#waiting = this.#random.shuffle([...this.#classes]);
      const classIndex = this.#waiting.pop()!;
      const search = openSearch(this.#spec, {
        scorer: this.#network,
        classIndices: [classIndex],
        seed: this.#random.integer(2 ** 31),
      });
      try {
        while (!search.isDone) await search.scheduler.step();
        const [elite] = search.scheduler.archive.elites;
        if (elite === undefined) continue;
        const planes = await drawElite(elite.genome, encoding);
        const [answer] = await answersTo(this.#network, batchOfOne(this.#network, planes));
        if (answer!.classIndex === classIndex) return { ...answer!, planes };
      } finally {
        await search.dispose();
      }
    }
    throw new InputError(
      `Gradient ascent on ${this.#network.where} ends in no image that it answers with its class; choose another kind of images`,
    );
  }

  async dispose(): Promise<void> {
    // Nothing lasts from one image to the next.
  }
}
