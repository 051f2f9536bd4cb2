/**
 * @file Seeded randomness as a value. Every consumer gets a stream of its own, derived from the seed and from what the
 * stream is for (for example generation and child), so that results do not depend on who draws first or on which thread.
 */

/** A stream of pseudo-random numbers: xoshiro128** (Blackman and Vigna 2018), seeded through SplitMix32. */
export class Random {
  // A typed array keeps the words out of the heap: in fields, those above 2^31 would be boxed at every draw.
  readonly #state = new Int32Array(4);
  #spare: number | undefined;

  private constructor(a: number, b: number, c: number, d: number) {
    this.#state[0] = a;
    this.#state[1] = b;
    this.#state[2] = c;
    this.#state[3] = d;
  }

  /**
   * The stream that belongs to a seed and a path of keys. Equal arguments give equal streams; any difference gives an
   * unrelated stream.
   *
   * @param seed a safe integer
   * @param keys safe integers that say what the stream is for
   */
  static stream(seed: number, ...keys: readonly number[]): Random {
    let hash = mix(0x9e3779b9 ^ keys.length);
    for (const value of [seed, ...keys]) {
      if (!Number.isSafeInteger(value)) throw new RangeError(`A seed is a whole number, not ${value}`);
      hash = mix((hash ^ value) >>> 0);
      hash = mix((hash + Math.floor(value / 0x100000000)) >>> 0);
    }
    const next = (): number => {
      hash = (hash + 0x9e3779b9) >>> 0;
      return mix(hash);
    };
    const [a, b, c, d] = [next(), next(), next(), next()];
    return new Random(a, b, c, (a | b | c | d) === 0 ? 1 : d);
  }

  /** A whole number, uniform on [0, 2^32). */
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

  /** Uniform on [0, 1) in steps of 2^-32. */
  uniform(): number {
    return this.uint32() * 2.3283064365386963e-10;
  }

  /** A whole number, uniform on [0, bound), by rejection, so without modulo bias. `bound` is in 1 .. 2^32. */
  integer(bound: number): number {
    const limit = 0x100000000 - (0x100000000 % bound);
    let value = this.uint32();
    while (value >= limit) value = this.uint32();
    return value % bound;
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

  /** Shuffles in place (Fisher and Yates); returns its argument. */
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

/** The finaliser of SplitMix32 (a bijection of 32-bit words in which every input bit moves every output bit). */
function mix(word: number): number {
  let z = word >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}
