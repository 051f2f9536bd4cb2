/** @file A quiz under way: lives on while other rooms are open. */

import type { QuizAnswer, QuizKind } from '@pareidolia/lab/quiz';
import type { Parameters, QuizQuestion, QuizStatus, StudioModel } from '@pareidolia/studio';
import { untrack } from 'svelte';
import type { Session } from '../../session.svelte.ts';
import type { OwnImages } from '../audit/auditing.svelte.ts';
import { addResult, forgetResults, type QuizResult, readResults } from './results.ts';

/** What an engine is asked for. */
export type QuizRequest = Parameters<'quiz.start'>;

/** How many questions there can be. */
export const LENGTHS = [8, 12, 20, 30] as const;

/** Milliseconds of a day. */
const DAY = 86_400_000;

export class Quizzing {
  readonly #session: Session;
  readonly #unsubscribe: () => void;
  readonly model: StudioModel;
  /** What is asked for. */
  questions = $state<number>(12);
  kinds = $state.raw<readonly QuizKind[]>([]);
  seed = $state(0);
  own = $state.raw<OwnImages | undefined>(undefined);

  status = $state.raw<QuizStatus | undefined>(undefined);
  /** The questions that are ready. */
  ready = $state.raw<readonly QuizQuestion[]>([]);
  /** The place that was chosen for each question so far, -1 for nothing. */
  answers = $state.raw<readonly number[]>([]);
  /** The question that is shown; behind the last one is the end. */
  at = $state(0);
  /** Whether it is being taken. */
  isOn = $state(false);
  results = $state.raw<readonly QuizResult[]>(readResults());

  /** The questions that were answered. */
  readonly asked = $derived(this.ready.slice(0, this.answers.length));
  readonly said = $derived(
    this.asked.map(({ kind, labels, right }, place): QuizAnswer => {
      const choice = this.answers[place]!;
      return { kind, choices: labels.length, said: choice < 0 ? 'nothing' : choice === right ? 'agreed' : 'other' };
    }),
  );
  readonly agreed = $derived(this.said.filter(({ said }) => said === 'agreed').length);
  /** Place of the last question: nothing comes any more of a quiz that was stopped or has failed. */
  readonly last = $derived((this.status?.state === 'preparing' ? this.status.questions : this.ready.length) - 1);

  constructor(session: Session, model: StudioModel) {
    this.#session = session;
    this.model = model;
    this.kinds = model.quizKinds.filter(({ missing }) => missing === undefined).map(({ kind }) => kind);
    // Another quiz each day, and the same for all who take it on that day.
    this.seed = Math.floor(Date.now() / DAY);
    this.#unsubscribe = session.client.onEvent((event) => {
      if (event.type !== 'quiz' || event.status.id !== this.status?.id) return;
      this.status = event.status;
      if (event.question !== undefined) this.ready = [...this.ready, event.question];
      if (event.status.error !== undefined && this.isOn) {
        session.notice = event.status.error;
        if (this.ready.length <= this.at) this.#end();
      }
    });
  }

  get question(): QuizQuestion | undefined {
    return this.isOn ? this.ready[this.at] : undefined;
  }

  /** Whether the question that is shown has its answer. */
  get answered(): boolean {
    return this.answers.length > this.at;
  }

  /** Whether real images are at hand. */
  get hasReal(): boolean {
    return (
      this.own !== undefined ||
      this.model.quizKinds.some(({ kind, missing }) => kind === 'real' && missing === undefined)
    );
  }

  choose(kind: QuizKind, isChosen: boolean): void {
    const others = this.kinds.filter((one) => one !== kind);
    this.kinds = isChosen ? [...others, kind] : others;
  }

  /** What is asked for, under a new name. */
  request(): QuizRequest {
    const { seed, questions, own } = this;
    const kinds = this.model.quizKinds.map(({ kind }) => kind).filter((kind) => this.kinds.includes(kind));
    const brought = own === undefined || !kinds.includes('real') ? undefined : own;
    return {
      quiz: quizName(),
      model: this.model.id,
      seed,
      questions,
      kinds,
      ...(brought === undefined
        ? {}
        : {
            images: {
              data: brought.data,
              ...(brought.labels === undefined ? {} : { labels: [...brought.labels] }),
            },
          }),
    };
  }

  async begin(): Promise<void> {
    if (this.isOn) return;
    const request = this.request();
    const { quiz: id, seed, questions } = request;
    this.ready = [];
    this.answers = [];
    this.at = 0;
    this.isOn = true;
    this.status = { id, state: 'preparing', seed, questions, ready: 0, share: 0 };
    this.#session.notice = undefined;
    if ((await this.#session.ask('quiz.start', request)) === undefined) this.#end();
  }

  /** After a connection: what was told meanwhile is asked for. */
  async connected(): Promise<void> {
    const { status } = this;
    if (status === undefined || !this.isOn || status.state !== 'preparing') return;
    const view = await this.#session.ask('quiz.open', { quiz: status.id });
    if (view === undefined) this.#end();
    else {
      this.status = view.status;
      this.ready = view.questions;
    }
  }

  answer(place: number): void {
    if (this.answered || this.question === undefined || place >= this.question.labels.length) return;
    this.answers = [...this.answers, place];
  }

  next(): void {
    if (!this.answered) return;
    this.at++;
    if (this.at > this.last) this.#end();
  }

  /** Ends it at once; what was answered counts. */
  leave(): void {
    const { status } = this;
    if (status?.state === 'preparing') void this.#session.ask('quiz.stop', { quiz: status.id });
    this.#end();
  }

  /** Another one takes its place. */
  dispose(): void {
    this.#unsubscribe();
    if (this.status?.state === 'preparing') void this.#session.ask('quiz.stop', { quiz: this.status.id });
  }

  forget(): void {
    forgetResults();
    this.results = [];
  }

  #end(): void {
    this.isOn = false;
    // The next one is another.
    this.seed++;
    if (this.answers.length === 0) return;
    this.results = addResult({
      date: new Date().toISOString(),
      model: this.model.name,
      right: this.agreed,
      questions: this.answers.length,
      nothing: this.said.filter(({ said }) => said === 'nothing').length,
    });
  }
}

function quizName(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((value) => value.toString(36)).join('-');
}

let quizzing: Quizzing | undefined;

/** There is one for the page; another network begins anew. */
export function quizzingOf(session: Session, model: StudioModel): Quizzing {
  return untrack(() => {
    if (quizzing?.model.id === model.id) return quizzing;
    quizzing?.dispose();
    quizzing = new Quizzing(session, model);
    return quizzing;
  });
}
