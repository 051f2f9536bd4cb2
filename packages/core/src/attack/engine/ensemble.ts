/** @file Ensembles: attacks in turn on one image. */

import type { FixedSearch } from '../attack.ts';
import type { Ball } from '../norm.ts';
import type { Allowance } from './drive.ts';
import type { Steps } from './query.ts';
import { demanding, type Sample } from './sample.ts';
import { type Found, type Stop, untilFound } from './verify.ts';

/** Whether outputs or gradients that were not finite ended a search. */
export function isUnsound(stop: Stop): boolean {
  return stop === 'not finite' || stop === 'gradient not finite';
}

/**
 * Searches one after the other, until one of them has found something or the budget has ended it. One that comes to outputs or
 * gradients that are not finite ends by itself: those after it go other ways, some without gradients. Where they find nothing
 * either, that is still why nobody knows whether the image withstands.
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
  let unsound: Stop | undefined;
  for (const one of searches) {
    const own = demanding(sample, one.confidence);
    const result = yield* untilFound(one.search(own, ball), own, ball, quantize, left);
    if (isUnsound(result.stop)) unsound ??= result.stop;
    else if (result.stop !== 'finished') return { ...result, by: one.name };
  }
  return { image: undefined, stop: unsound ?? 'finished' };
}
