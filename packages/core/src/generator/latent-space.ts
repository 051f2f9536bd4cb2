/** @file The space that a generator makes images of: its dimension, and how its vectors are distributed. */

import type { Random } from '../random/random.ts';
import type { LatentDistribution } from './card.ts';

/** What the vectors are that a generator takes. */
export interface LatentSpace {
  /** Numbers in a vector. */
  readonly dimension: number;
  /** The law of each number: N(0, 1), or uniform between -1 and 1. */
  readonly distribution: LatentDistribution;
}

/** A vector by the law of the space: `dimension` numbers. */
export function drawLatent({ dimension, distribution }: LatentSpace, random: Random): Float32Array {
  const latent = new Float32Array(dimension);
  for (let i = 0; i < dimension; i++)
    latent[i] = distribution === 'normal' ? random.normal() : 2 * random.uniform() - 1;
  return latent;
}

/** The root of the mean square of a number: 1 for N(0, 1), the root of 1/3 for the uniform law between -1 and 1. */
export function usualSize({ distribution }: LatentSpace): number {
  return distribution === 'normal' ? 1 : Math.sqrt(1 / 3);
}
