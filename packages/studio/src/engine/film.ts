/** @file What is shown of an attack while it goes on. */

import {
  type Classifier,
  distances,
  type FloatImages,
  type Images,
  imageSize,
  type TargetModel,
  toBytes,
  toFloat,
} from '@pareidolia/core';
import { topGuesses } from './guesses.ts';
import type { StudioHost } from './host.ts';
import type { AttackFrame } from './protocol.ts';

/** Classes that are told of an image. */
export const TOP = 5;

/** After so many frames only every second one is shown, after as many again every fourth, and so on. */
const FRAMES = 120;

/** Milliseconds between two events. */
const EVENT_EVERY = 60;

/** The class that is right, and the one that the attack aims at; `undefined` for any other. */
export interface Aim {
  readonly label: number;
  readonly target: number | undefined;
}

/** Stands between an attack and the network, and keeps some of what passes. */
export class Film {
  readonly #network: Classifier;
  readonly #original: Float32Array;
  readonly #aim: Aim;
  readonly #host: Pick<StudioHost, 'now' | 'pause'>;
  readonly #show: (frames: readonly AttackFrame[]) => void;
  #queries = 0;
  #seen = 0;
  #gap = 1;
  #frames: AttackFrame[] = [];
  #kept = 0;
  #sent = Number.NEGATIVE_INFINITY;
  #hasEnded = false;

  constructor(
    network: Classifier,
    original: Float32Array,
    aim: Aim,
    host: Pick<StudioHost, 'now' | 'pause'>,
    show: (frames: readonly AttackFrame[]) => void,
  ) {
    this.#network = network;
    this.#original = original;
    this.#aim = aim;
    this.#host = host;
    this.#show = show;
  }

  targetModel(): TargetModel {
    const network = this.#network;
    return {
      shape: network.shape,
      numClasses: network.numClasses,
      ...(network.gradientKind === undefined ? {} : { gradientKind: network.gradientKind }),
      ...(network.answers === undefined ? {} : { answers: network.answers }),
      ...(network.noGradient === undefined ? {} : { noGradient: network.noGradient }),
      ...(network.refusedClass === undefined ? {} : { refusedClass: network.refusedClass }),
      logits: async (images) => {
        const answer = await network.logits(images);
        await this.#keep(images);
        return answer;
      },
      gradient: async (images, objective) => {
        const answer = await network.gradient(images, objective);
        await this.#keep(images);
        return answer;
      },
    };
  }

  /** Counts queries that are not shown. */
  count(queries: number): void {
    this.#queries += queries;
  }

  /** The search is over: what is asked about after that, to judge it, is none of its queries. */
  end(): void {
    this.#hasEnded = true;
    this.#tell();
  }

  #tell(): void {
    if (this.#frames.length > 0) this.#show(this.#frames);
    this.#frames = [];
  }

  /** The last image of a call stands for all of them. */
  async #keep(images: Images | FloatImages): Promise<void> {
    if (this.#hasEnded) return;
    const { shape, classNames } = this.#network;
    const size = imageSize(shape);
    this.#queries += images.count;
    if (this.#seen++ % this.#gap === 0) {
      const from = (images.count - 1) * size;
      const data = images.data.subarray(from, from + size);
      const bytes = data instanceof Uint8Array ? data.slice() : toBytes({ ...shape, count: 1, data }).data;
      const image = { ...shape, count: 1, data: bytes };
      const { data: scores } = await this.#network.predict(image);
      const { label, target } = this.#aim;
      this.#frames.push({
        queries: this.#queries,
        image: bytes,
        top: topGuesses(scores, classNames, TOP),
        own: scores[label]!,
        other: target === undefined ? Math.max(...scores.filter((_, index) => index !== label)) : scores[target]!,
        distances: distances(toFloat(image).data, this.#original),
      });
      if (++this.#kept % FRAMES === 0) this.#gap *= 2;
    }
    const now = this.#host.now();
    if (now - this.#sent < EVENT_EVERY) return;
    this.#sent = now;
    this.#tell();
    await this.#host.pause();
  }
}
