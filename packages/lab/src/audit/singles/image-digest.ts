/** @file Tells whether two audits asked about the same images. */

import type { Images } from '@pareidolia/core';

/** The digest of no images. */
export const NO_IMAGES = '';

/**
 * The digest of images after others: 64 bits in hexadecimal, which tell sets of images apart that are not made to be confused.
 * The same images in other batches have the same digest.
 *
 * @param before the digest of those before; {@link NO_IMAGES} where there are none
 * @param images 8 bits; their shape counts, too
 */
export function imageDigest(before: string, { channels, height, width, data }: Images): string {
  const known = before === NO_IMAGES ? mixedWith([0x9e3779b9, 0x85ebca6b], [channels, height, width]) : parsed(before);
  return formatted(mixedWith(known, data));
}

/** The digest of whole numbers after images, such as their labels or classes; of each 32 bits count. */
export function withNumbers(before: string, numbers: Iterable<number>): string {
  return formatted(mixedWith(before === NO_IMAGES ? [0x9e3779b9, 0x85ebca6b] : parsed(before), numbers));
}

type State = readonly [number, number];

/** The multiplications of MurmurHash3's finalizer, over each value. */
function mixedWith([one, other]: State, values: Iterable<number>): State {
  let [a, b] = [one, other];
  for (const value of values) {
    a = Math.imul(a ^ value, 0x85ebca6b);
    a ^= a >>> 13;
    b = Math.imul(b ^ value ^ (a >>> 16), 0xc2b2ae35);
    b ^= b >>> 16;
  }
  return [a, b];
}

function formatted(state: State): string {
  return state.map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

function parsed(digest: string): State {
  return [Number.parseInt(digest.slice(0, 8), 16) | 0, Number.parseInt(digest.slice(8), 16) | 0];
}
