/** @file How fast a network is shown images, by what they are made with: a gradient step is slower than its passes say. */

import type { QuizKind } from '@pareidolia/lab/quiz';

/** Seconds of work before a pace is told. */
const SILENT = 0.5;

/** Seconds of work after which what was before counts half: other programs come and go. */
const HALVED_AFTER = 8;

interface Work {
  readonly passes: number;
  readonly seconds: number;
}

export class Pace {
  readonly #of = new Map<QuizKind, Work>();

  /** Notes work that is done; what only happens once, such as loading, is to be left out. */
  note(kind: QuizKind, passes: number, seconds: number): void {
    const before = this.#of.get(kind) ?? { passes: 0, seconds: 0 };
    const share = before.seconds > HALVED_AFTER ? 0.5 : 1;
    this.#of.set(kind, { passes: before.passes * share + passes, seconds: before.seconds * share + seconds });
  }

  /** Seconds that so many passes take; `undefined` while nothing is known. */
  secondsFor(kind: QuizKind, passes: number): number | undefined {
    if (passes === 0) return 0;
    const own = this.#of.get(kind);
    const work = own !== undefined && own.seconds >= SILENT ? own : this.#together();
    return work.seconds >= SILENT && work.passes > 0 ? (passes * work.seconds) / work.passes : undefined;
  }

  #together(): Work {
    return [...this.#of.values()].reduce(
      (sum, { passes, seconds }) => ({ passes: sum.passes + passes, seconds: sum.seconds + seconds }),
      { passes: 0, seconds: 0 },
    );
  }
}
