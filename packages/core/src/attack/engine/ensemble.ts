/** @file Ensembles: attacks in turn on one image. */

import type { FixedSearch } from '../attack.ts';
import type { Ball } from '../norm.ts';
import type { Allowance } from './drive.ts';
import type { Steps } from './query.ts';
import { demanding, type Sample } from './sample.ts';
import { type Found, untilFound } from './verify.ts';

/**
 * Searches one after the other, until one of them has found something or is cut short.
 *
 * @param quantize whether what they find has to be adversarial as bytes too
 * @param left the queries that the budget still allows
 */
export function* inTurn(
  searches: readonly FixedSearch[],
  sample: Sample,
  ball: Ball,
  quantize: boolean,
  left: Allowance,
): Steps<Found> {
  for (const one of searches) {
    const own = demanding(sample, one.confidence);
    const result = yield* untilFound(one.search(own, ball), own, ball, quantize, left);
    if (result.stop !== 'finished') return { ...result, by: one.name };
  }
  return { image: undefined, stop: 'finished' };
}
