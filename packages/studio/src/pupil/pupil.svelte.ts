/** @file A pupil who takes the quiz of a class: what is shown, and what happens next. */

import type { PupilView, QuizQuestion } from '@pareidolia/studio';
import { codeIn } from '../components/quiz/join-address.ts';
import { forgetPupil, type KnownPupil, keepPupil, pupilOfBrowser, pupilOfTab } from './known-pupil.ts';
import { answer, join, look, Refused } from './pupil-client.ts';

/** Milliseconds between two looks: for the next image, or for the end of the quiz. */
const LOOK_EVERY = 2000;

/** Milliseconds between two looks whether an answer that is on its way has come. */
const BUSY_EVERY = 50;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** The picture of a question that was shown. */
type Seen = Pick<QuizQuestion, 'planes' | 'shape'>;

export class Pupil {
  #known = $state.raw<KnownPupil | undefined>(undefined);
  /** What is typed in, or came with the address. */
  code = $state('');
  /** Whether it goes on as a pupil who joined earlier, in this tab or another one of this browser. */
  cameBack = $state(false);
  view = $state.raw<PupilView | undefined>(undefined);
  /** What went wrong, a sentence. */
  trouble = $state<string | undefined>(undefined);
  /** Whether an answer is on its way. */
  busy = $state(false);
  /** Of the questions that were shown since the page was opened, by place. */
  readonly seen = new Map<number, Seen>();

  constructor() {
    this.#known = pupilOfTab();
    if (this.#known !== undefined) [this.code, this.cameBack] = [this.#known.code, true];
    this.#openAddress();
    // A code that is scanned may be opened in this very page.
    addEventListener('hashchange', () => this.#openAddress());
    void this.#keepLooking();
  }

  get hasJoined(): boolean {
    return this.#known !== undefined;
  }

  /** Joins with the code, as a new pupil. */
  async join(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    await this.#try(async () => {
      const code = this.code.toUpperCase().replaceAll(/[\s-]/g, '');
      this.#become({ code, pupil: await join(code) });
    });
    this.busy = false;
    await this.#look();
  }

  async answer(choice: number): Promise<void> {
    const [known, place] = [this.#known, this.view?.question?.place];
    if (this.busy || known === undefined || place === undefined) return;
    this.busy = true;
    await this.#try(async () => {
      const view = await answer(known.pupil, place, choice);
      if (this.#known === known) this.#show(view);
    });
    this.busy = false;
  }

  /** Back to the code, for another quiz. */
  leave(): void {
    if (this.#known !== undefined) forgetPupil(this.#known.pupil);
    this.#known = undefined;
    this.code = '';
    this.#clear();
  }

  /** Follows a code in the address: whoever has joined with it already goes on, another one joins. */
  #openAddress(): void {
    const code = codeIn(location.hash);
    if (code === undefined) return;
    // So that a page that is opened again later joins nothing.
    history.replaceState(null, '', location.pathname);
    const known = this.#known?.code === code ? this.#known : pupilOfBrowser();
    if (known?.code === code) {
      if (known !== this.#known) this.#become(known);
      [this.code, this.cameBack] = [code, true];
    } else void this.#joinWith(code);
  }

  /** Joins once an answer that is on its way has come. */
  async #joinWith(code: string): Promise<void> {
    while (this.busy) await pause(BUSY_EVERY);
    this.code = code;
    await this.join();
  }

  #become(known: KnownPupil): void {
    keepPupil(known);
    this.#clear();
    this.#known = known;
  }

  #clear(): void {
    this.cameBack = false;
    this.view = undefined;
    this.seen.clear();
  }

  async #look(): Promise<void> {
    const known = this.#known;
    const has = this.view?.question?.place;
    if (known === undefined || this.busy || this.view?.state === 'revealed') return;
    await this.#try(async () => {
      const view = await look(known.pupil, has);
      // What was answered meanwhile is newer.
      if (!this.busy && this.#known === known && this.view?.question?.place === has) this.#show(view);
    });
  }

  async #keepLooking(): Promise<void> {
    for (;;) {
      await this.#look();
      await pause(LOOK_EVERY);
    }
  }

  async #try(action: () => Promise<void>): Promise<void> {
    const asked = this.#known;
    try {
      await action();
      this.trouble = undefined;
    } catch (error) {
      const isOver = error instanceof Refused && error.status === 401;
      if (isOver && asked !== undefined) forgetPupil(asked.pupil);
      // Another quiz was joined meanwhile, which this answer says nothing of.
      if (this.#known !== asked) return;
      this.trouble = error instanceof Error ? error.message : String(error);
      if (!isOver) return;
      // This quiz is over: the next code may be typed in. What it came to stays on the page.
      this.#known = undefined;
      this.cameBack = false;
      if (this.view?.state !== 'revealed') this.view = undefined;
    }
  }

  #show(view: PupilView): void {
    // The question that is shown already is not sent again.
    if (view.state === 'asking' && view.question === undefined) return;
    this.view = view;
    if (view.question !== undefined) {
      const { place, planes, shape } = view.question;
      this.seen.set(place, { planes, shape });
    }
  }
}
