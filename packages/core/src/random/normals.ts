/** @file Standard normal numbers in bulk, by the kernel; the readable twin is `fillNormalsPlain`. */

import { FREE, sharedKernel } from '../kernel/kernel.ts';
import type { Random } from './random.ts';
import { threefry4x32 } from './threefry.ts';

/** Generators side by side. */
export const LANES = 4;

/** Numbers that the kernel makes at a time: few enough for the first-level cache. */
const CHUNK = 2048;

/**
 * Fills an array with independent standard normal numbers. They are as fine as single precision, at most 6.8 in size, and the same on every
 * machine: xoshiro128** (Blackman and Vigna 2021), and the transformation of Box and Muller (1958) with polynomials of Cephes.
 *
 * @param random gives four words, the key of these numbers
 * @param out its length may be any; what comes first does not depend on it
 */
export function fillNormals(random: Pick<Random, 'uint32'>, out: Float64Array): void {
  const kernel = sharedKernel();
  const numbers = FREE + 16 * LANES;
  kernel.reserve(numbers + 8 * CHUNK);
  kernel.words.set(laneStates(random), FREE / 4);
  const { doubles } = kernel;
  for (let first = 0; first < out.length; first += CHUNK) {
    const count = Math.min(CHUNK, out.length - first);
    kernel.run.normals(FREE, numbers, (count + 7) & ~7);
    out.set(doubles.subarray(numbers / 8, numbers / 8 + count), first);
  }
}

/**
 * How the generators begin: generator i with the Threefry block of the counter i under a key of four words.
 *
 * @returns the first words of all states, then the second words, and so on
 */
export function laneStates(random: Pick<Random, 'uint32'>): Int32Array {
  const key = Int32Array.from({ length: 4 }, () => random.uint32());
  const states = new Int32Array(4 * LANES);
  const block = new Int32Array(4);
  for (let lane = 0; lane < LANES; lane++) {
    threefry4x32(lane, 0, 0, 0, key, block);
    for (let word = 0; word < 4; word++) states[word * LANES + lane] = block[word]!;
  }
  return states;
}
