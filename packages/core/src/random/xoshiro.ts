/**
 * @file xoshiro128** 1.1, a generator of 32-bit words with a state of 128 bits and a period of 2^128 - 1. Blackman and
 * Vigna 2021, "Scrambled linear pseudorandom number generators", ACM Transactions on Mathematical Software 47.
 */

/** A generator with a state of its own. */
export class Xoshiro128 {
  // A typed array keeps the words out of the heap: in fields, those above 2^31 would be boxed at every draw.
  readonly #state: Int32Array;

  /**
   * @param state four words, which the generator keeps and changes
   * @throws RangeError where there are not four, or all are 0: from that state only zeros would come
   */
  constructor(state: Int32Array) {
    if (state.length !== 4) throw new RangeError(`The state has four words, not ${state.length}`);
    if ((state[0]! | state[1]! | state[2]! | state[3]!) === 0) throw new RangeError('A word of the state is not 0');
    this.#state = state;
  }

  /** The next word: a whole number, uniform on [0, 2^32). */
  uint32(): number {
    const state = this.#state;
    const b = state[1]!;
    const b5 = Math.imul(b, 5);
    const c = state[2]! ^ state[0]!;
    const d = state[3]! ^ b;
    state[0] = state[0]! ^ d;
    state[1] = b ^ c;
    state[2] = c ^ (b << 9);
    state[3] = (d << 11) | (d >>> 21);
    return Math.imul((b5 << 7) | (b5 >>> 25), 9) >>> 0;
  }
}
