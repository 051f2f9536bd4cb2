/** @file Images of a quiz that are evolved: one search, out of which an image is taken whenever one is good enough. */

import {
  type Classifier,
  type Elite,
  type Encoding,
  type GradientScorer,
  InputError,
  openSearch,
  Random,
  resolveSearch,
  type Search,
  type SearchSpec,
  searchEncoding,
} from '@pareidolia/core';
import { drawElite } from '../elite-image.ts';
import { isSmall } from '../elite-view.ts';
import type { StudioHost } from '../host.ts';
import { answersTo, batchOfOne, type ImageSource, type QuizImage } from './image-source.ts';

/** How long a search goes on for one image: until one has the confidence `target`, or that many generations. */
interface Effort {
  readonly batch: number;
  readonly generations: number;
  readonly target: number;
}

/** Large networks show a few images a second: what is certain to a half has to do. */
const EFFORT: Readonly<Record<'cppn' | 'direct', Effort>> = {
  cppn: { batch: 50, generations: 20, target: 0.99 },
  direct: { batch: 50, generations: 60, target: 0.99 },
};
const LARGE_EFFORT: Effort = { batch: 20, generations: 12, target: 0.9 };

/** The key of the streams of each encoding. */
const STREAMS = { cppn: 1, direct: 2 } as const;

/** Elites whose own answer is looked at, the most certain first, where none has the target. */
const LOOKED_AT = 30;

/** Searches one after the other that may find nothing. */
const ATTEMPTS = 3;

export class EvolvedImages implements ImageSource {
  readonly #network: Classifier & GradientScorer;
  readonly #classes: readonly number[];
  readonly #breeder: StudioHost['breeder'];
  readonly #effort: Effort;
  readonly #spec: SearchSpec;
  readonly #encoding: Encoding;
  readonly #random: Random;
  #search: Search | undefined;
  /** Cells of the search whose image was taken. */
  #taken = new Set<number>();

  /** @param classes that images may be made for */
  constructor(
    encoding: 'cppn' | 'direct',
    network: Classifier & GradientScorer,
    classes: readonly number[],
    seed: number,
    breeder: StudioHost['breeder'],
  ) {
    this.#network = network;
    this.#classes = classes;
    this.#breeder = breeder;
    this.#effort = isSmall(network) ? EFFORT[encoding] : LARGE_EFFORT;
    const { batch, generations } = this.#effort;
    this.#spec = resolveSearch({ encoding, batch, generations }, network.shape);
    this.#encoding = searchEncoding(this.#spec, network.shape);
    this.#random = Random.stream(seed, STREAMS[encoding]);
  }

  get most(): number {
    return this.#effort.batch * this.#effort.generations;
  }

  async next(): Promise<QuizImage> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (this.#search === undefined || this.#taken.size === this.#classes.length) await this.#open();
      const found = await this.#goOn(this.#search!);
      if (found !== undefined) return found;
      // What is left of this search leads nowhere: another one begins anew.
      await this.dispose();
    }
    throw new InputError(
      `${this.#network.where} answers no evolved image with its class; choose another kind of images, or another network`,
    );
  }

  async dispose(): Promise<void> {
    const search = this.#search;
    this.#search = undefined;
    await search?.dispose();
  }

  async #open(): Promise<void> {
    await this.dispose();
    this.#taken = new Set();
    this.#search = openSearch(this.#spec, {
      scorer: this.#network,
      classIndices: this.#classes,
      seed: this.#random.integer(2 ** 31),
      breeder: this.#breeder,
    });
  }

  /** Goes on until an image can be taken; `undefined` where there is none after all generations. */
  async #goOn({ scheduler }: Search): Promise<QuizImage | undefined> {
    const { generations, target } = this.#effort;
    for (let generation = 0; generation < generations; generation++) {
      await scheduler.step();
      const certain = this.#untaken(scheduler.archive.elites).filter(([, { confidence }]) => confidence >= target);
      const found = await this.#firstAnswered(this.#random.shuffle(certain));
      if (found !== undefined) return found;
    }
    const rest = this.#untaken(scheduler.archive.elites).sort(([, a], [, b]) => b.confidence - a.confidence);
    return this.#firstAnswered(rest.slice(0, LOOKED_AT));
  }

  /** Cells with an elite of which no image was taken. */
  #untaken(elites: readonly (Elite | undefined)[]): (readonly [cell: number, elite: Elite])[] {
    return elites.flatMap((elite, cell) =>
      elite === undefined || this.#taken.has(cell) ? [] : [[cell, elite] as const],
    );
  }

  /** The first one that the network itself answers with its class. */
  async #firstAnswered(cells: readonly (readonly [number, Elite])[]): Promise<QuizImage | undefined> {
    for (const [cell, elite] of cells) {
      const planes = await drawElite(elite.genome, this.#encoding);
      const [answer] = await answersTo(this.#network, batchOfOne(this.#network, planes));
      if (answer!.classIndex !== this.#classes[cell]) continue;
      this.#taken.add(cell);
      return { ...answer!, planes };
    }
    return undefined;
  }
}
