/** @file A quiz under way: lives on while other rooms are open. */

import type { QuizQuestion, StudioModel } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';
import { addResult, forgetResults, type QuizResult, readResults } from './results.ts';

export const QUESTIONS = 10;

export class Quizzing {
  readonly #session: Session;
  readonly model: StudioModel;
  questions = $state.raw<readonly QuizQuestion[]>([]);
  /** The place that was chosen for each question so far. */
  answers = $state.raw<readonly number[]>([]);
  /** The question that is shown; behind the last one is the end. */
  at = $state(0);
  busy = $state(false);
  results = $state.raw<readonly QuizResult[]>(readResults());
  #seed: number;

  constructor(session: Session, model: StudioModel) {
    this.#session = session;
    this.model = model;
    // Another quiz each day, and the same for all who take it on that day.
    this.#seed = Math.floor(Date.now() / 86_400_000);
  }

  get question(): QuizQuestion | undefined {
    return this.questions[this.at];
  }

  /** Whether the question that is shown has its answer. */
  get answered(): boolean {
    return this.answers.length > this.at;
  }

  get right(): number {
    return this.answers.filter((answer, place) => answer === this.questions[place]?.right).length;
  }

  async begin(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const questions = Math.min(QUESTIONS, this.model.classNames.length);
    const made = await this.#session.ask('quiz.make', { model: this.model.id, seed: this.#seed++, questions });
    this.busy = false;
    if (made === undefined) return;
    this.questions = made.questions;
    this.answers = [];
    this.at = 0;
  }

  answer(place: number): void {
    if (this.answered || this.question === undefined || place >= this.question.labels.length) return;
    this.answers = [...this.answers, place];
    if (this.answers.length < this.questions.length) return;
    this.results = addResult({
      date: new Date().toISOString(),
      model: this.model.name,
      right: this.right,
      questions: this.questions.length,
    });
  }

  next(): void {
    if (this.answered) this.at++;
  }

  forget(): void {
    forgetResults();
    this.results = [];
  }
}

let quizzing: Quizzing | undefined;

/** There is one for the page; another network begins anew. */
export function quizzingOf(session: Session, model: StudioModel): Quizzing {
  if (quizzing?.model.id !== model.id) quizzing = new Quizzing(session, model);
  return quizzing;
}
