/**
 * @file Threefry-4x32 with 20 rounds: a keyed bijection of 128-bit blocks made of additions, rotations and exclusive ors.
 * Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", section 4.3; Random123 is the
 * authors' own code.
 */

/** What makes the fifth word of the key schedule out of the four words of the key (`SKEIN_KS_PARITY32` in Random123). */
const PARITY = 0x1bd11bda;

/**
 * The block that Threefry-4x32-20 makes of a counter under a key. For one key, different counters give different blocks.
 *
 * The counter comes as four numbers of which the lowest 32 bits count. Key and block are arrays of four words; they may
 * be the same array, which then holds the block afterwards.
 */
export function threefry4x32(
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key: Int32Array,
  block: Int32Array,
): void {
  // The key schedule. Round by round it is read one word further on, so its words change places and are never indexed.
  let k0 = key[0]!;
  let k1 = key[1]!;
  let k2 = key[2]!;
  let k3 = key[3]!;
  let k4 = PARITY ^ k0 ^ k1 ^ k2 ^ k3;
  let a = (counter0 + k0) | 0;
  let b = (counter1 + k1) | 0;
  let c = (counter2 + k2) | 0;
  let d = (counter3 + k3) | 0;
  // Four rounds, then words of the key: five times, with two sets of rotations in turn.
  for (let injection = 1; injection <= 5; injection++) {
    if ((injection & 1) === 1) {
      a = (a + b) | 0;
      b = rotate(b, 10) ^ a;
      c = (c + d) | 0;
      d = rotate(d, 26) ^ c;

      a = (a + d) | 0;
      d = rotate(d, 11) ^ a;
      c = (c + b) | 0;
      b = rotate(b, 21) ^ c;

      a = (a + b) | 0;
      b = rotate(b, 13) ^ a;
      c = (c + d) | 0;
      d = rotate(d, 27) ^ c;

      a = (a + d) | 0;
      d = rotate(d, 23) ^ a;
      c = (c + b) | 0;
      b = rotate(b, 5) ^ c;
    } else {
      a = (a + b) | 0;
      b = rotate(b, 6) ^ a;
      c = (c + d) | 0;
      d = rotate(d, 20) ^ c;

      a = (a + d) | 0;
      d = rotate(d, 17) ^ a;
      c = (c + b) | 0;
      b = rotate(b, 11) ^ c;

      a = (a + b) | 0;
      b = rotate(b, 25) ^ a;
      c = (c + d) | 0;
      d = rotate(d, 10) ^ c;

      a = (a + d) | 0;
      d = rotate(d, 18) ^ a;
      c = (c + b) | 0;
      b = rotate(b, 20) ^ c;
    }
    const first = k0;
    k0 = k1;
    k1 = k2;
    k2 = k3;
    k3 = k4;
    k4 = first;
    a = (a + k0) | 0;
    b = (b + k1) | 0;
    c = (c + k2) | 0;
    d = (d + k3 + injection) | 0;
  }
  block[0] = a;
  block[1] = b;
  block[2] = c;
  block[3] = d;
}

/** The word with its bits turned to the left by 1 to 31 places. */
function rotate(word: number, places: number): number {
  return (word << places) | (word >>> (32 - places));
}
