/** @file The time left. */

/** The pace since work was last done rather than read. */
export class Pace {
  #begin = performance.now();
  #from: number | undefined;

  recalled(): void {
    this.#begin = performance.now();
    this.#from = undefined;
  }

  /** @param share of the audit that is done */
  secondsLeft(share: number): number | undefined {
    this.#from ??= share;
    const done = share - this.#from;
    return done > 0.02 ? (((performance.now() - this.#begin) / 1000) * (1 - share)) / done : undefined;
  }
}
