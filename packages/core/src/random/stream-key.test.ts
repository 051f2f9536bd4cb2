import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamKey } from './stream-key.ts';

const paths = fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 5 });

function key([seed, ...path]: readonly number[]): Int32Array {
  return streamKey(seed!, path);
}

describe('the key of a stream', () => {
  it('is the same for equal paths, and has four words', () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(key(path)).toHaveLength(4);
        expect(key([...path])).toEqual(key(path));
      }),
    );
    expect(key([-0, 1])).toEqual(key([0, 1]));
  });

  it('is another for any other path', () => {
    fc.assert(
      fc.property(paths, paths, (one, other) => {
        fc.pre(one.join() !== other.join());
        expect(key(one)).not.toEqual(key(other));
      }),
    );
  });

  it('tells apart what a loss of sign, of high words, of order or of length would confuse', () => {
    const values = [0, 1, -1, 2, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 32 - 1, 2 ** 53 - 1, 1 - 2 ** 53];
    const confusing = [
      ...values.map((value) => [value]),
      ...values.flatMap((one) => values.map((other) => [one, other])),
      ...values.flatMap((one) => values.map((other) => [one, 0, other])),
      ...[3, 4, 5, 6].map((length) => new Array<number>(length).fill(0)).slice(1),
    ];
    expect(new Set(confusing.map((path) => key(path).join())).size).toBe(confusing.length);
  });

  it('changes half of its bits with any bit of any value (Binomial(128, 1/2))', () => {
    let changed = 0;
    let trials = 0;
    for (let seed = 0; seed < 20; seed++) {
      for (let place = 0; place < 3; place++) {
        for (let bit = 0; bit < 53; bit++) {
          const path = [seed, 7, 11];
          const before = key(path);
          // No carries: adding 2^bit changes one bit of the value where that bit is 0.
          if (Math.floor(path[place]! / 2 ** bit) % 2 === 1) continue;
          path[place]! += 2 ** bit;
          const after = key(path);
          changed += before.reduce((sum, word, i) => sum + ones(word ^ after[i]!), 0);
          trials++;
        }
      }
    }
    // Five standard errors.
    expect(Math.abs(changed / trials - 64)).toBeLessThan(5 * Math.sqrt(32 / trials));
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'is refused to %d, as seed and in the path',
    (value) => {
      expect(() => streamKey(value, [])).toThrow(RangeError);
      expect(() => streamKey(1, [2, value])).toThrow(RangeError);
    },
  );
});

function ones(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
