/** @file Progress on the error stream: one live line on a terminal, a quiet line every few seconds otherwise. */

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Milliseconds between two updates. */
const LIVE_EVERY = 100;
const QUIET_EVERY = 5000;

export class Progress {
  readonly #stream: ProgressStream;
  readonly #clock: () => number;
  #last: number;
  #live = false;

  /** @param clock milliseconds */
  constructor(stream: ProgressStream, clock: () => number) {
    this.#stream = stream;
    this.#clock = clock;
    // The first quiet line comes after the first pause, so that a short task stays silent.
    this.#last = stream.isTTY === true ? Number.NEGATIVE_INFINITY : clock();
  }

  /** @param line makes the line; called only when it is due */
  update(line: () => string): void {
    const now = this.#clock();
    const terminal = this.#stream.isTTY === true;
    if (now - this.#last < (terminal ? LIVE_EVERY : QUIET_EVERY)) return;
    this.#last = now;
    if (!terminal) {
      this.#stream.write(`${line()}\n`);
      return;
    }
    const text = [...line()].slice(0, Math.max(10, (this.#stream.columns ?? 80) - 1)).join('');
    // Carriage return and "erase to the end of the line".
    this.#stream.write(`\r${text}\x1b[K`);
    this.#live = true;
  }

  /** A line that stays, above the live one. */
  say(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  /** Takes the live line away. */
  clear(): void {
    if (this.#live) this.#stream.write('\r\x1b[K');
    this.#live = false;
  }
}
