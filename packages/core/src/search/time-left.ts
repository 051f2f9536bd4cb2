/** @file How long something takes that becomes faster, or slower, on its way. */

/** Seconds before anything is said: at first there is more to load than to do. */
const SILENT = 3;

/** The later part of the time so far that counts. */
const COUNTED = 0.5;

/** Samples that are kept, at most; every other one is dropped where there are more. */
const MOST = 256;

/** Estimates the time left by the pace of the later half of the time so far. */
export class TimeLeft {
  #samples: { readonly seconds: number; readonly share: number }[] = [];

  /**
   * Notes how far it is. Call it as often as you like.
   *
   * @param seconds since the beginning of this sitting
   * @param share of the whole that is done, 0 to 1
   */
  note(seconds: number, share: number): void {
    this.#samples.push({ seconds, share });
    if (this.#samples.length > MOST) this.#samples = this.#samples.filter((_, place) => place % 2 === 1);
  }

  /** Seconds left; `undefined` in the first seconds, and while nothing moves. */
  get secondsLeft(): number | undefined {
    const last = this.#samples.at(-1);
    if (last === undefined || last.seconds < SILENT) return undefined;
    const from = this.#samples.findLast(({ seconds }) => seconds <= last.seconds * (1 - COUNTED)) ?? this.#samples[0]!;
    const done = last.share - from.share;
    return done > 0 ? ((last.seconds - from.seconds) / done) * (1 - last.share) : undefined;
  }
}
