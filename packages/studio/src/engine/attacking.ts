/** @file An attack that is watched: its frames, and how it ended. */

import {
  attackImages,
  attackNamed,
  type Classifier,
  distances,
  type FloatImages,
  type Images,
  InputError,
  imageSize,
  type TargetModel,
  toBytes,
  toFloat,
} from '@pareidolia/core';
import { topGuesses } from './guesses.ts';
import type { StudioHost } from './host.ts';
import type { AttackFrame, AttackOutcome, Parameters } from './protocol.ts';

const TOP = 5;

/** Queries of one attack in one call of the network. */
const BATCH = 16;

/** After so many frames only every second one is shown, after as many again every fourth, and so on. */
const FRAMES = 120;

/** Milliseconds between two events. */
const EVENT_EVERY = 60;

type Request = Omit<Parameters<'attack.start'>, 'job' | 'model'>;

export async function watchAttack(
  network: Classifier,
  request: Request,
  host: Pick<StudioHost, 'now' | 'pause'>,
  signal: { throwIfAborted(): void },
  show: (frames: readonly AttackFrame[]) => void,
): Promise<AttackOutcome> {
  const attack = attackNamed(request.attack);
  const { shape, classNames } = network;
  if (request.image.length !== imageSize(shape)) {
    throw new InputError(`The image has ${request.image.length} values, ${network.where} takes ${imageSize(shape)}`);
  }
  const original = toFloat({ ...shape, count: 1, data: request.image }).data;
  const film = new Film(network, original, host, show);
  const [result] = await attackImages(
    film.targetModel(),
    attack,
    { ...shape, count: 1, data: request.image },
    Int32Array.of(request.label),
    {
      norm: request.norm,
      ...(attack.kind === 'minimal' ? {} : { epsilons: [request.epsilon] }),
      ...(request.settings === undefined ? {} : { settings: request.settings }),
      ...(request.target === undefined ? {} : { targets: Int32Array.of(request.target) }),
      seed: request.seed,
      batch: BATCH,
      budget: request.budget,
      quantize: true,
      signal,
    },
  );
  film.end();
  const found = result!.image && toBytes({ ...shape, count: 1, data: result!.image }).data;
  const shown = found ?? request.image;
  const scores = await network.predict({ ...shape, count: 1, data: shown });
  return {
    success: result!.success,
    survives8Bit: result!.survives8Bit,
    initiallyWrong: result!.initiallyWrong,
    ...(found === undefined ? {} : { image: found }),
    top: topGuesses(scores.data, classNames, TOP),
    ...(result!.distances === undefined ? {} : { distances: result!.distances }),
    queries: result!.queries.forward,
    gradients: result!.queries.backward,
    stop: result!.stop,
  };
}

/** Stands between an attack and the network, and keeps some of what passes. */
class Film {
  readonly #network: Classifier;
  readonly #original: Float32Array;
  readonly #host: Pick<StudioHost, 'now' | 'pause'>;
  readonly #show: (frames: readonly AttackFrame[]) => void;
  #queries = 0;
  #seen = 0;
  #gap = 1;
  #frames: AttackFrame[] = [];
  #kept = 0;
  #sent = Number.NEGATIVE_INFINITY;

  constructor(
    network: Classifier,
    original: Float32Array,
    host: Pick<StudioHost, 'now' | 'pause'>,
    show: (frames: readonly AttackFrame[]) => void,
  ) {
    this.#network = network;
    this.#original = original;
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

  end(): void {
    if (this.#frames.length > 0) this.#show(this.#frames);
    this.#frames = [];
  }

  /** The last image of a call stands for all of them. */
  async #keep(images: Images | FloatImages): Promise<void> {
    const { shape, classNames } = this.#network;
    const size = imageSize(shape);
    this.#queries += images.count;
    if (this.#seen++ % this.#gap === 0) {
      const from = (images.count - 1) * size;
      const data = images.data.subarray(from, from + size);
      const bytes = data instanceof Uint8Array ? data.slice() : toBytes({ ...shape, count: 1, data }).data;
      const image = { ...shape, count: 1, data: bytes };
      const scores = await this.#network.predict(image);
      this.#frames.push({
        queries: this.#queries,
        image: bytes,
        top: topGuesses(scores.data, classNames, TOP),
        distances: distances(toFloat(image).data, this.#original),
      });
      if (++this.#kept % FRAMES === 0) this.#gap *= 2;
    }
    const now = this.#host.now();
    if (now - this.#sent < EVENT_EVERY) return;
    this.#sent = now;
    this.end();
    await this.#host.pause();
  }
}
