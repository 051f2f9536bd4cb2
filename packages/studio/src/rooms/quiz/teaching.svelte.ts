/** @file The quiz of a class, as the teacher's page has it. */

import type { ClassFile, ClassView, QuizQuestion } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';
import type { QuizRequest } from './quizzing.svelte.ts';

export class Teaching {
  readonly #session: Session;
  view = $state.raw<ClassView | undefined>(undefined);
  /** The images of its questions. */
  questions = $state.raw<readonly QuizQuestion[]>([]);
  opening = $state(false);
  #quiz: string | undefined;

  constructor(session: Session) {
    this.#session = session;
    session.client.onEvent((event) => {
      if (event.type === 'class') void this.#show(event.view);
      else if (event.type === 'quiz' && event.status.id === this.view?.status.id) {
        this.view = { ...this.view, status: event.status };
        if (event.question !== undefined && event.status.ready === this.questions.length + 1) {
          this.questions = [...this.questions, event.question];
        }
      }
    });
  }

  /** After a connection: what was told meanwhile is asked for. */
  async connected(): Promise<void> {
    if (this.#session.about?.hasClassroom !== true) return;
    const answer = await this.#session.ask('class.view', {});
    if (answer === undefined) return;
    this.#quiz = undefined;
    await this.#show(answer.view);
  }

  async open(request: QuizRequest): Promise<void> {
    this.opening = true;
    const answer = await this.#session.ask('class.open', request);
    this.opening = false;
    if (answer !== undefined) await this.#show(answer.view);
  }

  async reveal(): Promise<void> {
    await this.#show((await this.#session.ask('class.reveal', {}))?.view ?? this.view);
  }

  async admitAll(): Promise<void> {
    await this.#show((await this.#session.ask('class.admit', {}))?.view ?? this.view);
  }

  async close(): Promise<void> {
    if ((await this.#session.ask('class.close', {})) !== undefined) await this.#show(undefined);
  }

  /** The answers as a file. */
  async file(file: ClassFile): Promise<{ readonly type: string; readonly text: string } | undefined> {
    return this.#session.ask('class.file', { file });
  }

  async #show(view: ClassView | undefined): Promise<void> {
    this.view = view;
    if (view?.status.id === this.#quiz) return;
    this.#quiz = view?.status.id;
    this.questions = [];
    if (view === undefined) return;
    const quiz = await this.#session.ask('quiz.open', { quiz: view.status.id });
    if (quiz !== undefined && this.#quiz === view.status.id) this.questions = quiz.questions;
  }
}

let teaching: Teaching | undefined;

/** There is one for the page. */
export function teachingOf(session: Session): Teaching {
  teaching ??= new Teaching(session);
  return teaching;
}
