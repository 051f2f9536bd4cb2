import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

/** The paths of the streams of a search: one for the choice of parents, one for each child, in every generation. */
const SELECTION = 0;
const CHILD = 1;
const BATCH = 200;

describe('the streams of a run', () => {
  it('begin differently, all ten million of 49,760 generations of 200', () => {
    const generations = 49_760;
    const count = generations * (BATCH + 1);
    expect(count).toBeGreaterThan(10_000_000);
    // Two draws are a function of the state, so where they differ, the states do.
    const draws = new Uint32Array(2 * count);
    let at = 0;
    const note = (random: Random): void => {
      draws[at++] = random.uint32();
      draws[at++] = random.uint32();
    };
    for (let generation = 0; generation < generations; generation++) {
      note(Random.stream(1, SELECTION, generation));
      for (let place = 0; place < BATCH; place++) note(Random.stream(1, CHILD, generation, place));
    }
    new BigUint64Array(draws.buffer).sort();
    let shared = 0;
    for (let i = 2; i < draws.length; i += 2) {
      if (draws[i] === draws[i - 2] && draws[i + 1] === draws[i - 1]) shared++;
    }
    // By chance two of 10^7 pairs of random words would be the same once in 370,000 such tests.
    expect(shared).toBe(0);
  });

  it('of generations 263 and 385 with seed 1, of which 144 were once the same, have nothing in common', () => {
    const firsts = (generation: number): number[] =>
      Array.from({ length: BATCH }, (_, place) => Random.stream(1, CHILD, generation, place).uint32());
    expect(new Set([...firsts(263), ...firsts(385)]).size).toBe(2 * BATCH);
  });

  it('begin with uniform words, and neighbours with unrelated ones (chi-squared, 255 degrees of freedom)', () => {
    const n = 256 * 400;
    const tops = Uint8Array.from({ length: n }, (_, i) => {
      const generation = Math.floor(i / BATCH);
      return Random.stream(1, CHILD, generation, i % BATCH).uint32() >>> 24;
    });
    // The counts of the highest 8 bits, and those of the highest 4 bits of a stream with the 4 of its neighbour.
    const singles = new Array<number>(256).fill(0);
    const pairs = new Array<number>(256).fill(0);
    for (const top of tops) singles[top]!++;
    for (let i = 0; i < n; i += 2) pairs[((tops[i]! >> 4) << 4) | (tops[i + 1]! >> 4)]!++;
    // Each is exceeded by chance once in a thousand.
    expect(chiSquared(singles)).toBeLessThan(330.6);
    expect(chiSquared(pairs)).toBeLessThan(330.6);
  });
});

/** Of counts that are all expected to be the same. */
function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
