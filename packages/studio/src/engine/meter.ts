/** @file Counts the images that networks score, over all rooms. */

import type { StudioHost } from './host.ts';

/** Milliseconds between two reports. */
const EVERY = 500;

export class Meter {
  readonly #host: Pick<StudioHost, 'now' | 'emit'>;
  #since: number;
  #count = 0;

  constructor(host: Pick<StudioHost, 'now' | 'emit'>) {
    this.#host = host;
    this.#since = host.now();
  }

  add(images: number): void {
    this.#count += images;
    const now = this.#host.now();
    const passed = now - this.#since;
    if (passed < EVERY) return;
    this.#host.emit({ type: 'rate', evaluationsPerSecond: (1000 * this.#count) / passed });
    this.#count = 0;
    this.#since = now;
  }
}
