/**
 * @file Seeded randomness as a value. Every consumer gets a stream of its own, derived from the seed and from what the
 * stream is for (for example generation and child), so that results do not depend on who draws first or on which thread.
 */

import { streamKey } from './stream-key.ts';
import { Xoshiro128 } from './xoshiro.ts';

/** A stream of pseudo-random numbers: xoshiro128**, whose first state is the 128-bit key of the stream. */
export class Random extends Xoshiro128 {
  #spare: number | undefined;

  private constructor(state: Int32Array) {
    super(state);
  }

  /**
   * The stream that belongs to a seed and a path of keys. Equal arguments give equal streams; any difference, in a value,
   * in the order or in the number of keys, gives an unrelated stream (Salmon et al. 2011; see `streamKey`).
   *
   * @param seed a safe integer, negative ones included
   * @param keys safe integers that say what the stream is for, any number of them
   * @throws RangeError where the seed or a key is not a safe integer
   */
  static stream(seed: number, ...keys: readonly number[]): Random {
    return new Random(streamKey(seed, keys));
  }

  /** Uniform on [0, 1) in steps of 2^-32. */
  uniform(): number {
    return this.uint32() * 2.3283064365386963e-10;
  }

  /**
   * A whole number, uniform on [0, bound), by rejection, so without modulo bias.
   *
   * @param bound a whole number in 1 .. 2^32
   * @throws RangeError where the bound is any other number
   */
  integer(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= 0x100000000)) {
      throw new RangeError(`A bound is a whole number in 1 .. 2^32, not ${bound}`);
    }
    for (;;) {
      const value = this.uint32();
      const remainder = value % bound;
      // The last multiple of the bound begins a part of the range that 2^32 may cut short.
      if (value - remainder <= 0x100000000 - bound) return remainder;
    }
  }

  /** Standard normal deviate (Marsaglia's polar method). */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    let u: number;
    let v: number;
    let s: number;
    do {
      u = 2 * this.uniform() - 1;
      v = 2 * this.uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const factor = Math.sqrt((-2 * Math.log(s)) / s);
    this.#spare = v * factor;
    return u * factor;
  }

  /** Shuffles in place, every order with equal chances (Fisher and Yates); returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swap = items[i];
      items[i] = items[j];
      items[j] = swap;
    }
    return items;
  }
}
