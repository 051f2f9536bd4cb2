/** @file The smallest epsilon at which an attack with a fixed epsilon succeeds, for one image. */

import type { FixedSearch } from '../attack.ts';
import { distances, type Norm, wholeBox } from '../norm.ts';
import type { Allowance } from './drive.ts';
import { inTurn, isUnsound } from './ensemble.ts';
import type { Steps } from './query.ts';
import type { Sample } from './sample.ts';
import type { Found, Stop } from './verify.ts';

/** The search ends when upper and lower bound of epsilon are this close. */
const RATIO = 1.02;

/**
 * The share of the queries left that one epsilon may spend, before an image was found and after. Where an attack finds nothing it
 * spends all its steps; without a share the first epsilons, where it fails, would leave none for those where it succeeds.
 */
const SHARE = { before: 1 / 4, after: 1 / 2 } as const;

/**
 * Bisection over epsilon, in ratios, between the largest at which the attack failed and the distance of the nearest image
 * found. Where images are quantized the epsilons of Linf are whole levels, and the search ends between two neighbors.
 *
 * Under a budget, an epsilon at which the attack has spent its share of what is left counts as one at which it failed, so the
 * smallest epsilon may be smaller: then the search ends with `budget`.
 *
 * @param searches the attack, or the members of an ensemble, which take turns at each epsilon
 * @param quantize whether what they find has to be adversarial as bytes too
 * @param left the queries that the budget still allows
 */
export function* smallestEpsilon(
  searches: readonly FixedSearch[],
  sample: Sample,
  norm: Norm,
  quantize: boolean,
  left: Allowance,
): Steps<Found> {
  const size = sample.image.length;
  const most = wholeBox(norm, size);
  const step = norm === 'linf' ? 1 / 255 : norm === 'l0' ? 1 : most / size / 255;
  const whole = norm === 'l0' || (norm === 'linf' && quantize);
  const onGrid = (epsilon: number): number => (whole ? Math.max(step, Math.round(epsilon / step) * step) : epsilon);
  let best: Found = { image: undefined, stop: 'finished' };
  // Where one member of an ensemble cannot go on, others may at a larger epsilon.
  let unsound: Stop | undefined;
  let ranShort = false;
  const ending = (): Found => ({ ...best, stop: unsound ?? (ranShort ? 'budget' : best.stop) });
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let epsilon = onGrid(most / 32);
  for (;;) {
    const ball = { norm, epsilon };
    const share = shareOf(left, best.image === undefined ? SHARE.before : SHARE.after);
    const result = yield* inTurn(searches, sample, ball, quantize, share);
    if (isUnsound(result.stop)) unsound ??= result.stop;
    if (unsound && searches.length === 1) return ending();
    if (result.stop === 'budget') {
      if (left() < FEWEST) return { ...best, stop: 'budget' };
      ranShort = true;
    }
    if (result.image === undefined) low = epsilon;
    else {
      best = result;
      high = Math.min(epsilon, distances(result.image, sample.image)[norm]);
    }
    if (low >= most) return ending();
    if (high === Number.POSITIVE_INFINITY) epsilon = Math.min(most, epsilon * 2);
    else if (whole ? high - low <= step * 1.5 : high - low <= step / 8 || high <= low * RATIO) return ending();
    else epsilon = onGrid(low === 0 ? high / 2 : Math.sqrt(low * high));
    // Rounding to the grid must leave the bracket open on both sides.
    if (whole && (epsilon <= low || epsilon >= high)) epsilon = epsilon <= low ? low + step : high - step;
  }
}

/** Queries that an epsilon has to have: where fewer are left, the search ends. */
const FEWEST = 2;

/** Allows a share of the queries that are left now, and at least the fewest. */
function shareOf(left: Allowance, share: number): Allowance {
  const now = left();
  if (now === Number.POSITIVE_INFINITY) return left;
  const kept = now - Math.max(FEWEST, Math.ceil(now * share));
  return () => left() - kept;
}
