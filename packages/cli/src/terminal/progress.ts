/**
 * @file Progress on the error stream: one live line on a terminal, a quiet line every few seconds otherwise.
 *
 * The live line is drawn by cli-progress. Its lines for other streams come at the start and at the end, too, so that even
 * a short task is not silent; the quiet lines are therefore written here.
 */

import { SingleBar } from 'cli-progress';
import { manners } from './manners.ts';
import { printable } from './printable.ts';

/** What is needed of the stream; `process.stderr` fits. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Milliseconds between two quiet lines. */
const QUIET_EVERY = 5000;

/** Live lines in a second. */
const LIVE_RATE = 10;

/** Of this process, as quiet as the user wants it. */
export function terminalProgress(): Progress {
  return new Progress(process.stderr, () => performance.now(), manners().quiet);
}

/** How far a task is, as text. No colors are used, so there is nothing for `NO_COLOR` to turn off. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #clock: () => number;
  /** `undefined` where the stream is no terminal. */
  readonly #live: SingleBar | undefined;
  readonly #quiet: boolean;
  #line: () => string = () => '';
  #last: number;

  /**
   * @param clock milliseconds
   * @param quiet whether only what {@link say} is given is written
   */
  constructor(stream: ProgressStream, clock: () => number, quiet = false) {
    this.#quiet = quiet;
    this.#stream = stream;
    this.#clock = clock;
    // The first quiet line comes after the first pause, so that a short task stays silent.
    this.#last = clock();
    if (stream.isTTY === true && !quiet) {
      this.#live = new SingleBar({
        stream,
        fps: LIVE_RATE,
        clearOnComplete: true,
        // A process that is killed must not leave a terminal behind that wraps no lines; they are cut here instead.
        linewrap: true,
        format: (_, { maxWidth }: { readonly maxWidth?: number }) =>
          [...printable(this.#line())].slice(0, Math.max(10, (maxWidth ?? 80) - 1)).join(''),
      });
    }
  }

  /** @param line makes the line; called only when one is due */
  update(line: () => string): void {
    if (this.#quiet) return;
    this.#line = line;
    if (this.#live !== undefined) {
      if (!this.#live.isActive) this.#live.start(1, 0);
      return;
    }
    const now = this.#clock();
    if (now - this.#last < QUIET_EVERY) return;
    this.#last = now;
    this.#stream.write(`${printable(line())}\n`);
  }

  /** Like {@link say}, for what is nice to know: left out where the user wants quiet. */
  mention(text: string): void {
    if (!this.#quiet) this.say(text);
  }

  /** A line that stays, above the live one. */
  say(text: string): void {
    this.clear();
    this.#stream.write(`${printable(text)}\n`);
  }

  /** Takes the live line away. It is drawn no more until the next {@link update}. */
  clear(): void {
    this.#live?.stop();
  }
}
