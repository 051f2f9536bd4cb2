import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { threefry4x32 } from './threefry.ts';

function block(counter: readonly number[], key: readonly number[]): string[] {
  const output = new Int32Array(4);
  const [a, b, c, d] = counter as [number, number, number, number];
  threefry4x32(a, b, c, d, Int32Array.from(key), output);
  return [...output].map((word) => (word >>> 0).toString(16).padStart(8, '0'));
}

describe('Threefry-4x32-20', () => {
  // The authors' known answers: tests/kat_vectors of Random123, the lines `threefry4x32 20`.
  it.each([
    {
      what: 'zeros',
      counter: [0, 0, 0, 0],
      key: [0, 0, 0, 0],
      answer: ['9c6ca96a', 'e17eae66', 'fc10ecd4', '5256a7d8'],
    },
    {
      what: 'ones',
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      answer: ['2a881696', '57012287', 'f6c7446e', 'a16a6732'],
    },
    {
      what: 'digits of pi',
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89],
      answer: ['59cd1dbb', 'b8879579', '86b5d00c', 'ac8b6d84'],
    },
  ])('gives the published answer for $what', ({ counter, key, answer }) => {
    expect(block(counter, key)).toEqual(answer);
  });

  it('may write its block over the key', () => {
    const words = fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer());
    fc.assert(
      fc.property(words, words, (counter, key) => {
        const apart = new Int32Array(4);
        const inPlace = Int32Array.from(key);
        threefry4x32(...counter, Int32Array.from(key), apart);
        threefry4x32(...counter, inPlace, inPlace);
        expect(inPlace).toEqual(apart);
      }),
    );
  });
});
