/** @file The images that are looked at, and measured, after each epoch. */

import type { Model } from '@pareidolia/autodiff';
import {
  DIVERSITY_IMAGES,
  datasetShape,
  diversity,
  generateImages,
  type Images,
  type LatentDistribution,
  type Runtime,
  type SessionOptions,
} from '@pareidolia/core';
import type { DataSplit } from '../data/datasets.ts';
import { encodeSheet } from './sheet.ts';

/** Sheets have as many rows as columns; those of a conditional generator a column for each class, up to this many. */
const SIDE = 10;

/** Images of sheets and those that the diversity is measured on have seeds of their own. */
const LOOKED_AT = 1;
const MEASURED = 2;

export interface SamplesOptions {
  readonly data: DataSplit;
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  readonly latents: LatentDistribution;
  /** What black and white are in the generator's output. */
  readonly range: readonly [black: number, white: number];
  /** Whether the generator takes a class. */
  readonly conditional: boolean;
}

/** Always of the same latent vectors. */
export class Samples {
  readonly #options: SamplesOptions;

  constructor(options: SamplesOptions) {
    this.#options = options;
  }

  /** A PNG of images side by side. */
  async sheet(generator: Model): Promise<Uint8Array> {
    const { conditional, data } = this.#options;
    const columns = conditional ? Math.min(SIDE, data.train.classNames.length) : SIDE;
    return encodeSheet(await this.#generate(generator, SIDE * columns, LOOKED_AT), columns);
  }

  /** How much generated images differ, beside real ones that were held out: 1 for as much, 0 for twins. */
  async diversity(generator: Model): Promise<number> {
    const { images } = this.#options.data.validation;
    const count = Math.min(DIVERSITY_IMAGES, images.count);
    const size = images.data.length / images.count;
    const reference = { ...images, count, data: images.data.subarray(0, count * size) };
    return diversity(await this.#generate(generator, count, MEASURED), reference);
  }

  #generate(generator: Model, count: number, seed: number): Promise<Images> {
    const { data, runtime, session, latents, range, conditional } = this.#options;
    const classes = conditional ? data.train.classNames.length : undefined;
    return generateImages(
      generator,
      datasetShape(data.train),
      { count, seed, latents, classes, range },
      runtime,
      session,
    );
  }
}
