import { describe, expect, it } from 'vitest';
import { Xoshiro128 } from './xoshiro.ts';

describe('xoshiro128**', () => {
  it('gives the words of the reference implementation', () => {
    // From xoshiro128starstar.c 1.1 (prng.di.unimi.it) with the state 1, 2, 3, 4, as in the tests of the crate rand_xoshiro.
    const generator = new Xoshiro128(Int32Array.of(1, 2, 3, 4));
    const expected = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ];
    expect(expected.map(() => generator.uint32())).toEqual(expected);
  });

  it('refuses a state that it could not leave, and one of another length', () => {
    expect(() => new Xoshiro128(new Int32Array(4))).toThrow(RangeError);
    expect(() => new Xoshiro128(Int32Array.of(1, 2, 3))).toThrow(RangeError);
  });
});
