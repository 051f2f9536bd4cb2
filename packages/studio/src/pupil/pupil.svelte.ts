/** @file A pupil who takes the quiz of a class: what is shown, and what happens next. */

import type { PupilView, QuizQuestion } from '@pareidolia/studio';
import { answer, forgetPupil, join, knownPupil, look, Refused } from './pupil-client.ts';

/** Milliseconds between two looks: for the next image, or for the end of the quiz. */
const LOOK_EVERY = 2000;

/** The picture of a question that was shown. */
type Seen = Pick<QuizQuestion, 'planes' | 'shape'>;

export class Pupil {
  #secret = $state.raw(knownPupil());
  view = $state.raw<PupilView | undefined>(undefined);
  /** What went wrong, a sentence. */
  trouble = $state<string | undefined>(undefined);
  /** Whether an answer is on its way. */
  busy = $state(false);
  /** Of the questions that were shown since the page was opened, by place. */
  readonly seen = new Map<number, Seen>();

  constructor() {
    void this.#keepLooking();
  }

  get hasJoined(): boolean {
    return this.#secret !== undefined;
  }

  async join(code: string): Promise<void> {
    this.busy = true;
    await this.#try(async () => {
      this.#secret = await join(code);
      this.#show(await look(this.#secret));
    });
    this.busy = false;
  }

  async answer(choice: number): Promise<void> {
    const [secret, place] = [this.#secret, this.view?.question?.place];
    if (this.busy || secret === undefined || place === undefined) return;
    this.busy = true;
    await this.#try(async () => this.#show(await answer(secret, place, choice)));
    this.busy = false;
  }

  /** Back to the code, for another quiz. */
  leave(): void {
    forgetPupil();
    this.#secret = undefined;
    this.view = undefined;
    this.seen.clear();
  }

  async #keepLooking(): Promise<void> {
    for (;;) {
      const secret = this.#secret;
      const has = this.view?.question?.place;
      if (secret !== undefined && !this.busy && this.view?.state !== 'revealed') {
        await this.#try(async () => {
          const view = await look(secret, has);
          // What was answered meanwhile is newer.
          if (!this.busy && this.view?.question?.place === has) this.#show(view);
        });
      }
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
      forgetPupil();
      this.#secret = undefined;
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
