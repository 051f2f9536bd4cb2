/** @file The image under attack and what has become of it: lives on while other rooms are open. */

import type { AttackFrame, AttackInfo, AttackOutcome, Guess, StudioModel } from '@pareidolia/studio';
import { untrack } from 'svelte';
import type { Session } from '../../session.svelte.ts';

export type Norm = AttackInfo['norms'][number];

/** An attack, as it is chosen. */
export interface AttackChoice {
  readonly attack: string;
  readonly norm: Norm;
  readonly epsilon: number;
  readonly target: number | undefined;
  readonly settings: Readonly<Record<string, number>>;
  readonly budget: number;
  readonly seed: number;
}

/** Frames shown in a second. */
const PACE = 12;

export class Attacking {
  readonly #session: Session;
  readonly model: StudioModel;
  /** What is attacked, with where it comes from in words. */
  image = $state.raw<Uint8Array | undefined>(undefined);
  origin = $state('');
  /** What the network takes it for. */
  top = $state.raw<readonly Guess[]>([]);
  label = $state(0);
  frames = $state.raw<readonly AttackFrame[]>([]);
  /** The frame that is shown. */
  at = $state(0);
  outcome = $state.raw<AttackOutcome | undefined>(undefined);
  running = $state(false);
  /** Whether there are drawings for this network; known once one was asked for. */
  hasSamples = $state(false);
  /** What the last attack was asked for. */
  #request: AttackChoice | undefined = $state.raw();
  #job: string | undefined;
  #playing = false;
  #samples = 0;
  #shows = 0;
  readonly #listening: readonly (() => void)[];

  constructor(session: Session, model: StudioModel) {
    this.#session = session;
    this.model = model;
    this.#listening = [
      session.client.onEvent((event) => {
        if (event.type === 'attack' && event.job === this.#job) {
          this.frames = [...this.frames, ...event.frames];
          this.#play();
        } else if (event.type === 'attacked' && event.job === this.#job) {
          this.running = false;
          if (event.error !== undefined) session.notice = event.error;
          this.outcome = event.outcome;
        }
      }),
      session.client.onConnection((connection) => {
        if (connection !== 'lost' || !this.running) return;
        this.#forget();
        session.notice = 'The attack was lost with the connection; start it again when the engine is back';
      }),
    ];
  }

  /** Ends what is under way; nothing comes of this any more. */
  leave(): void {
    this.stop();
    for (const stopListening of this.#listening) stopListening();
  }

  get frame(): AttackFrame | undefined {
    return this.frames[Math.min(this.at, this.frames.length - 1)];
  }

  /** The class that the attack aims at; `undefined` for any other than the right one. */
  get aim(): number | undefined {
    return this.#request?.target;
  }

  /** Whether the last frame is shown, and there is something to say about the end. */
  get ended(): boolean {
    return this.outcome !== undefined && this.at >= this.frames.length - 1;
  }

  async show(image: Uint8Array, origin: string): Promise<void> {
    const show = ++this.#shows;
    const answer = await this.#session.ask('models.predict', { model: this.model.id, images: image, top: 5 });
    if (answer === undefined || show !== this.#shows) return;
    this.stop();
    this.image = image;
    this.origin = origin;
    this.top = answer.tops[0]!;
    // What is refused is taken for no class: then the likeliest of the others stands for the right one.
    this.label = this.top.find(({ classIndex }) => classIndex !== this.model.refusedClass)!.classIndex;
    this.#forget();
  }

  /** A drawing by procedure, another one each time; nothing where there are none for this network. */
  async sample(): Promise<void> {
    const seed = 1 + Math.floor(this.#samples / 10);
    const drawn = await this.#session.ask('samples.draw', { model: this.model.id, count: 10, seed });
    if (drawn === undefined) return;
    const count = drawn.names.length;
    this.hasSamples = count > 0;
    if (count === 0) return;
    const size = drawn.images.length / count;
    // Nobody begins with a nought.
    const place = (3 + 7 * this.#samples++) % count;
    await this.show(drawn.images.slice(place * size, (place + 1) * size), `a drawn ${drawn.names[place]}`);
  }

  start(request: AttackChoice): Promise<void> {
    return this.#start(request);
  }

  /** Whether what was found can be gone on with: the network is not as certain yet. */
  canGoOn(confidence: number): boolean {
    const { outcome } = this;
    if (outcome?.image === undefined || outcome.stop === 'initially wrong' || outcome.stop === 'not sure enough')
      return false;
    return this.model.noGradient === undefined && outcome.success && outcome.top[0]!.confidence < confidence;
  }

  /** Goes on from what was found, until the network is as certain of the wrong class. */
  async goOn(confidence: number): Promise<void> {
    const [request, found] = [this.#request, this.outcome?.image];
    if (request !== undefined && found !== undefined) await this.#start(request, { image: found, confidence });
  }

  async #start(
    request: AttackChoice,
    goOn?: { readonly image: Uint8Array; readonly confidence: number },
  ): Promise<void> {
    if (this.image === undefined) return;
    this.#request = request;
    // An image that was asked for and has not come yet would change what is attacked.
    this.#shows++;
    this.stop();
    this.#forget();
    const job = jobName();
    this.#job = job;
    this.running = true;
    const { target, ...rest } = request;
    const { image, label } = this;
    const answer = await this.#session.ask('attack.start', {
      job,
      model: this.model.id,
      image,
      label,
      ...rest,
      ...(target === undefined ? {} : { target }),
      ...(goOn === undefined ? {} : { goOn }),
    });
    if (answer === undefined && this.#job === job) this.running = false;
  }

  stop(): void {
    if (this.#job !== undefined && this.running) void this.#session.ask('attack.stop', { job: this.#job });
  }

  #forget(): void {
    this.frames = [];
    this.at = 0;
    this.outcome = undefined;
    this.running = false;
    this.#job = undefined;
  }

  /** Shows the frames at a pace that can be followed; whoever asks for less motion sees the last one. */
  #play(): void {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.at = Math.max(0, this.frames.length - 1);
      return;
    }
    if (this.#playing) return;
    this.#playing = true;
    const timer = setInterval(() => {
      // Long films are played faster, so that no one takes more than about eight seconds.
      const step = Math.max(1, Math.round((this.frames.length - this.at) / (8 * PACE)));
      this.at = Math.min(this.frames.length - 1, this.at + step);
      if (this.at < this.frames.length - 1) return;
      clearInterval(timer);
      this.#playing = false;
    }, 1000 / PACE);
  }
}

/** One that no other page chooses. */
function jobName(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((value) => value.toString(36)).join('-');
}

let attacking: Attacking | undefined;

/** There is one for the page; another network begins anew. */
export function attackingOf(session: Session, model: StudioModel): Attacking {
  return untrack(() => {
    if (attacking?.model.id !== model.id) {
      attacking?.leave();
      attacking = new Attacking(session, model);
    }
    return attacking;
  });
}
