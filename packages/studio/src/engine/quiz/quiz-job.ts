/** @file A quiz in preparation: its images are made one after the other, in the order in which they are asked about. */

import {
  amplifyContrast,
  type Classifier,
  type GradientScorer,
  type ImageShape,
  InputError,
  metered,
  Random,
} from '@pareidolia/core';
import { offerClasses } from '@pareidolia/lab';
import type { QuizKind } from '@pareidolia/lab/quiz';
import { attentive } from '../attentive.ts';
import { LEAST_FACTOR } from '../elite-view.ts';
import type { StudioHost } from '../host.ts';
import { AscendedImages } from './ascended-images.ts';
import { EvolvedImages } from './evolved-images.ts';
import { type ImageSource, namedClasses, type QuizImage } from './image-source.ts';
import { Pace } from './pace.ts';
import { planQuiz, realCount } from './quiz-plan.ts';
import type { QuizQuestion, QuizStatus, QuizView } from './quiz-views.ts';
import { chooseControls, type GivenImages } from './real-images.ts';

/** Keys of the streams that kinds are shuffled with, and that classes are offered with. */
const [PLAN_STREAM, OFFER_STREAM] = [20, 21] as const;

/** Milliseconds between two events, and of work between two pauses. */
const [EVENT_EVERY, PAUSE_EVERY] = [150, 20] as const;

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
  readonly #pace = new Pace();
  #state: QuizStatus['state'] = 'preparing';
  #error: string | undefined;
  #making: QuizKind | undefined;
  #paused: number;
  /** When the passes that are not noted yet began. */
  #mark: number;
  #unnoted = 0;
  #sent = Number.NEGATIVE_INFINITY;
  /** Passes through the network for the image that is being made, and the most that it can take. */
  #own = 0;
  #most = 0;
  /** The most that each of the images after it can take. */
  #later: { readonly kind: QuizKind; readonly most: number }[] = [];
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
    this.#paused = host.now();
    this.#mark = this.#paused;
    this.#network = this.#watched(network);
  }

  get isPreparing(): boolean {
    return this.#state === 'preparing';
  }

  status(): QuizStatus {
    const making = this.#making;
    const image = making === undefined ? undefined : this.#pace.secondsFor(making, Math.max(0, this.#most - this.#own));
    const later = this.#later.map(({ kind, most }) => this.#pace.secondsFor(kind, most));
    const all = [image, ...later].reduce((sum, one) =>
      sum === undefined || one === undefined ? undefined : sum + one,
    );
    return {
      id: this.id,
      state: this.#state,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      seed: this.#options.seed,
      questions: this.#options.questions,
      ready: this.questions.length,
      ...(making === undefined ? {} : { making }),
      share: this.#most === 0 ? 0 : Math.min(1, this.#own / this.#most),
      ...(image === undefined ? {} : { secondsForImage: image }),
      ...(all === undefined ? {} : { secondsForAll: all }),
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
    try {
      const controls = await this.#controls();
      const plan = planQuiz(questions, kinds, controls.length, Random.stream(seed, PLAN_STREAM));
      for (const kind of plan) {
        if (kind !== 'real' && !sources.has(kind)) sources.set(kind, this.#source(kind, classes));
      }
      this.#later = plan.map((kind) => ({ kind, most: sources.get(kind)?.most ?? 0 }));
      for (const kind of plan) {
        const source = sources.get(kind);
        this.#later.shift();
        this.#start(kind, source?.most ?? 0);
        const image = source === undefined ? controls.shift()! : await source.next();
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
      this.#later = [];
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
    this.#note();
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
    const opened = new Set<'scores' | 'gradient'>();
    const counted = metered(network, ({ forward, backward }) => {
      this.#note();
      const passes = forward + 2 * backward;
      const sort = backward > 0 ? 'gradient' : 'scores';
      this.#own += passes;
      // What the first scores and the first gradient take is mostly for opening the network, once.
      this.#unnoted = opened.has(sort) ? passes : 0;
      opened.add(sort);
    });
    return {
      ...attentive(counted, pause),
      origin,
      ...(gradientBehind === undefined ? {} : { gradientBehind }),
    };
  }

  /** What was done since the last call is the pace. */
  #note(): void {
    const now = this.#host.now();
    if (this.#making !== undefined && this.#unnoted > 0) {
      this.#pace.note(this.#making, this.#unnoted, (now - this.#mark) / 1000);
    }
    this.#unnoted = 0;
    this.#mark = now;
  }

  #tell(): void {
    const now = this.#host.now();
    if (now - this.#sent < EVENT_EVERY) return;
    this.#sent = now;
    this.#onChange();
  }
}
