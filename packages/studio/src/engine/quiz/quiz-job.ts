/** @file A quiz in preparation: its images are made one after the other, in the order in which they are asked about. */

import {
  amplifyContrast,
  type Classifier,
  type GradientScorer,
  type ImageShape,
  InputError,
  metered,
  Random,
  TimeLeft,
} from '@pareidolia/core';
import { offerClasses } from '@pareidolia/lab';
import type { QuizKind } from '@pareidolia/lab/quiz';
import { attentive } from '../attentive.ts';
import { LEAST_FACTOR } from '../elite-view.ts';
import type { StudioHost } from '../host.ts';
import { AscendedImages } from './ascended-images.ts';
import { EvolvedImages } from './evolved-images.ts';
import { type ImageSource, namedClasses, type QuizImage } from './image-source.ts';
import { planQuiz, realCount } from './quiz-plan.ts';
import type { QuizQuestion, QuizStatus, QuizView } from './quiz-views.ts';
import { chooseControls, type GivenImages } from './real-images.ts';

/** Keys of the streams that kinds are shuffled with, and that classes are offered with. */
const [PLAN_STREAM, OFFER_STREAM] = [20, 21] as const;

/** Milliseconds between two events, and of work between two pauses. */
const [EVENT_EVERY, PAUSE_EVERY] = [150, 20] as const;

/** Seconds of work before a pace is told. */
const PACE_FROM = 1;

/** Thrown where a quiz is told to stop. */
class QuizStopped extends Error {}

/** What is asked about. */
export interface QuizOptions {
  readonly seed: number;
  readonly questions: number;
  /** At least one. */
  readonly kinds: readonly QuizKind[];
  /** Needed where real images are among the kinds. */
  readonly real?: GivenImages | undefined;
  /** The class that stands for what the network's detector refuses. */
  readonly refusedClass?: number | undefined;
}

export class QuizJob {
  readonly id: string;
  /** The network, by name. */
  readonly model: string;
  readonly questions: QuizQuestion[] = [];
  readonly #network: Classifier & GradientScorer;
  readonly #options: QuizOptions;
  readonly #host: StudioHost;
  readonly #onChange: (question?: QuizQuestion) => void;
  readonly #left = new TimeLeft();
  #state: QuizStatus['state'] = 'preparing';
  #error: string | undefined;
  #making: QuizKind | undefined;
  #begin: number;
  #paused: number;
  #sent = Number.NEGATIVE_INFINITY;
  /** Passes through the network in all, those for the image that is being made, and the most that it can take. */
  #passes = 0;
  #own = 0;
  #most = 0;
  /** The most that all images can take, and the same of those that are made. */
  #all = 0;
  #done = 0;
  #isStopping = false;

  /** @param onChange told now and then how far it is, and of each question */
  constructor(
    id: string,
    network: Classifier & GradientScorer,
    options: QuizOptions,
    host: StudioHost,
    onChange: (question?: QuizQuestion) => void,
  ) {
    this.id = id;
    this.model = network.where;
    this.#options = options;
    this.#host = host;
    this.#onChange = onChange;
    this.#begin = host.now();
    this.#paused = this.#begin;
    this.#network = this.#watched(network);
  }

  get isPreparing(): boolean {
    return this.#state === 'preparing';
  }

  status(): QuizStatus {
    const seconds = (this.#host.now() - this.#begin) / 1000;
    const isPaced = this.isPreparing && seconds >= PACE_FROM && this.#passes > 0;
    const missing = this.#most - this.#own;
    const { secondsLeft } = this.#left;
    return {
      id: this.id,
      state: this.#state,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      seed: this.#options.seed,
      questions: this.#options.questions,
      ready: this.questions.length,
      ...(this.#making === undefined ? {} : { making: this.#making }),
      share: this.#most === 0 ? 0 : Math.min(1, this.#own / this.#most),
      ...(isPaced && missing > 0 ? { secondsAtMost: (missing * seconds) / this.#passes } : {}),
      ...(this.isPreparing && secondsLeft !== undefined ? { secondsLeft } : {}),
    };
  }

  view(): QuizView {
    return { status: this.status(), questions: this.questions };
  }

  /** It ends with the next pause; the questions that are ready stay. */
  stop(): void {
    this.#isStopping = true;
  }

  async run(): Promise<void> {
    const { seed, questions, kinds } = this.#options;
    const classes = namedClasses(this.#network, this.#options.refusedClass);
    const sources = new Map<QuizKind, ImageSource>();
    this.#begin = this.#host.now();
    try {
      const controls = await this.#controls();
      const plan = planQuiz(questions, kinds, controls.length, Random.stream(seed, PLAN_STREAM));
      for (const kind of plan) {
        if (kind !== 'real' && !sources.has(kind)) sources.set(kind, this.#source(kind, classes));
      }
      this.#all = plan.reduce((sum, kind) => sum + (sources.get(kind)?.most ?? 0), 0);
      for (const kind of plan) {
        const source = sources.get(kind);
        this.#start(kind, source?.most ?? 0);
        const image = source === undefined ? controls.shift()! : await source.next();
        this.#done += this.#most;
        this.#ready(kind, image, classes);
      }
      this.#state = 'ready';
    } catch (error) {
      if (error instanceof QuizStopped) this.#state = 'stopped';
      else {
        this.#state = 'failed';
        this.#error = error instanceof Error ? error.message : String(error);
      }
    } finally {
      this.#start(undefined, 0);
      await Promise.all([...sources.values()].map((source) => source.dispose()));
    }
    this.#onChange();
  }

  async #controls(): Promise<QuizImage[]> {
    const { seed, questions, kinds, real } = this.#options;
    const count = realCount(questions, kinds);
    if (count === 0) return [];
    if (real === undefined) throw new InputError('There are no real images; open some, or leave them out');
    this.#start('real', 0);
    const controls = await chooseControls(this.#network, real, count, seed);
    if (controls.length === 0) {
      throw new InputError(`${this.model} names none of the real images rightly; open others, or leave them out`);
    }
    return controls;
  }

  #source(kind: Exclude<QuizKind, 'real'>, classes: readonly number[]): ImageSource {
    const { seed } = this.#options;
    if (kind === 'ascent') return new AscendedImages(this.#network, classes, seed);
    return new EvolvedImages(kind, this.#network, classes, seed, this.#host.breeder);
  }

  #start(kind: QuizKind | undefined, most: number): void {
    this.#making = kind;
    this.#own = 0;
    this.#most = most;
  }

  #ready(kind: QuizKind, { classIndex, confidence, planes }: QuizImage, classes: readonly number[]): void {
    const { channels, height, width } = this.#network.shape;
    const shape: ImageShape = { channels, height, width };
    const random = Random.stream(this.#options.seed, OFFER_STREAM, this.questions.length);
    const { classIndices, right } = offerClasses(classIndex, classes, random);
    const { planes: amplified, factor } = amplifyContrast(planes, shape);
    const question: QuizQuestion = {
      kind,
      shape,
      planes,
      labels: classIndices.map((one) => this.#network.classNames[one]!),
      right,
      confidence,
      ...(factor < LEAST_FACTOR ? {} : { amplified: { planes: amplified, factor } }),
    };
    this.questions.push(question);
    this.#onChange(question);
  }

  /** The network, counted, which lets requests in while it works, so that a stop is heard. */
  #watched(network: Classifier & GradientScorer): Classifier & GradientScorer {
    const { origin, gradientBehind } = network;
    const pause = async (): Promise<void> => {
      if (this.#host.now() - this.#paused >= PAUSE_EVERY) {
        await this.#host.pause();
        this.#paused = this.#host.now();
      }
      if (this.#isStopping) throw new QuizStopped();
      this.#tell();
    };
    const counted = metered(network, ({ forward, backward }) => {
      this.#own += forward + 2 * backward;
      this.#passes += forward + 2 * backward;
    });
    return {
      ...attentive(counted, pause),
      origin,
      ...(gradientBehind === undefined ? {} : { gradientBehind }),
    };
  }

  #tell(): void {
    const now = this.#host.now();
    if (this.#all > 0) {
      const share = (this.#done + Math.min(this.#own, this.#most)) / this.#all;
      this.#left.note((now - this.#begin) / 1000, share);
    }
    if (now - this.#sent < EVENT_EVERY) return;
    this.#sent = now;
    this.#onChange();
  }
}
