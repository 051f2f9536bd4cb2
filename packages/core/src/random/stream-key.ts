/** @file The 128-bit key of a random stream, made of a seed and of a path of keys that says what the stream is for. */

import { threefry4x32 } from './threefry.ts';

/** Last word of the counter: tells these blocks from any others that one may want of the same keys. */
const PATH = 1;

/**
 * The key of the stream that belongs to a seed and a path of keys: four words, not all of them 0.
 *
 * Begins with the key 0 and takes in the seed and then each key of the path, as `fold_in` does in JAX: the value's two
 * words and its place in the path are a counter, and the block that Threefry makes of it under the key so far is the next
 * key. Streams whose paths differ in the last value alone (the children of a generation) have different keys for certain,
 * since Threefry is a bijection. Others behave like 128 random bits: among 10^9 streams any two share their key with a
 * chance of 10^-21.
 *
 * @param seed a safe integer
 * @param path safe integers, any number of them
 * @throws RangeError where one of them is not a safe integer
 */
export function streamKey(seed: number, path: readonly number[]): Int32Array {
  const key = new Int32Array(4);
  absorb(key, seed, 0);
  for (let i = 0; i < path.length; i++) absorb(key, path[i]!, i + 1);
  // The one key that no generator can start from; one in 2^128.
  if ((key[0]! | key[1]! | key[2]! | key[3]!) === 0) key[3] = 1;
  return key;
}

/** Takes one more value into a key. Every safe integer has two words of its own, as a two's complement of 64 bits. */
function absorb(key: Int32Array, value: number, place: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`A seed or a key of a stream is a whole number, not ${value}`);
  threefry4x32(value | 0, Math.floor(value / 0x100000000), place, PATH, key, key);
}
