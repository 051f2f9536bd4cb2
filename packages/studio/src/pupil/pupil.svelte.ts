/** @file A pupil who takes the quiz of a class: what is shown, and what happens next. */

import type { PupilView, QuizQuestion } from '@pareidolia/studio';
import { codeIn } from '../components/quiz/join-address.ts';
import { forgetPupil, type KnownPupil, keepPupil, pupilOfBrowser, pupilOfTab } from './known-pupil.ts';
import { answer, join, look, Refused } from './pupil-client.ts';

/** Milliseconds between two looks: for the next image, or for the end of the quiz. */
const LOOK_EVERY = 2000;

/** The picture of a question that was shown. */
type Seen = Pick<QuizQuestion, 'planes' | 'shape'>;

export class Pupil {
  #known = $state.raw<KnownPupil | undefined>(undefined);
  /** What is typed in, or came with the address. */
  code = $state('');
  /** Whether it goes on as a pupil who joined in another tab of this browser. */
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
    await this.#try(async () => this.#show(await answer(known.pupil, place, choice)));
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
    if (this.#known?.code === code) return;
    this.code = code;
    const known = pupilOfBrowser();
    if (known?.code === code) {
      this.#become(known);
      this.cameBack = true;
    } else void this.join();
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
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_EVERY);
      });
    }
  }

  async #try(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.trouble = undefined;
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Refused) || error.status !== 401) return;
      // This quiz is over: the next code may be typed in. What it came to stays on the page.
      if (this.#known !== undefined) forgetPupil(this.#known.pupil);
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
