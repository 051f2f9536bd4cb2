/** @file What emitters of search distributions have in common: their settings, and what they are made of. */

import { z } from 'zod';
import { type Encoding, isVectorEncoding, type VectorEncoding } from '../../encoding/encoding.ts';
import { InputError } from '../../errors.ts';
import { PRESSURE } from '../least-certain.ts';

export const STRATEGY_SETTINGS = {
  emitters: z.int().min(1).max(1000).default(10).describe('search distributions that work beside each other'),
  draws: z.int().min(4).max(10_000).default(20).describe('images that a distribution draws in a generation'),
  sigma: z.number().gt(0).max(10).default(0.2).describe('first deviation in each number of a vector in [0, 1]'),
  patience: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10)
    .describe('generations without an improvement after which a distribution begins anew at an elite of another class'),
  pressure: PRESSURE,
} as const;

/** Up to how many dimensions the whole covariance is adapted. */
export const FULL_UP_TO = z
  .int()
  .min(0)
  .max(2000)
  .default(200)
  .describe('most dimensions with a whole covariance; only its diagonal is adapted beyond');

/** @throws InputError where genomes are no vectors */
export function requireVectors(emitter: string, encoding: Encoding): asserts encoding is VectorEncoding {
  if (isVectorEncoding(encoding)) return;
  throw new InputError(
    `${emitter} works on vectors, the genomes of ${encoding.name} are none; choose another encoding, or another emitter`,
  );
}
