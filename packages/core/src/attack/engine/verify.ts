/** @file Verifies what a search asks about: no attack is trusted to say what it found. */

import { criterionMargin, isAdversarial } from '../criterion.ts';
import { type Ball, distances, isInside, type Norm } from '../norm.ts';
import { type Allowance, CutShort } from './drive.ts';
import { imageOf, isLevels, levelsOf, roundInside } from './quantization.ts';
import { type Answer, logitsOf, type Query, type Steps } from './query.ts';
import type { Sample } from './sample.ts';

/** Why a search on an image ended. */
export type Stop =
  /** An adversarial image was found. */
  | 'found'
  /** All its steps are done. */
  | 'finished'
  /** The query budget is spent. */
  | 'budget'
  /** The network's outputs are not finite there. */
  | 'not finite'
  /** The network's outputs are finite there, and their gradient is not. */
  | 'gradient not finite'
  /** The original meets the criterion already. */
  | 'initially wrong'
  /** A detector refuses the original, so that there is no decision to change. */
  | 'initially refused';

/** What a search came to. */
export interface Found {
  /** The image, floats in [0, 1]; `undefined` where nothing was found. */
  readonly image: Float32Array | undefined;
  readonly stop: Stop;
  /** The member of an ensemble that ended it. */
  readonly by?: string;
}

/** No budget. */
const UNLIMITED: Allowance = () => Number.POSITIVE_INFINITY;

/**
 * Runs a search until one of the images it asks about is adversarial, inside ball and box.
 *
 * @param quantize whether the image has to be adversarial as bytes too; each candidate that is not of whole levels then costs
 *   one more query, and one is kept for it: the search ends before the last of its budget
 * @param left the queries that the budget still allows
 */
export function* untilFound(
  search: Steps,
  sample: Sample,
  ball: Ball,
  quantize: boolean,
  left = UNLIMITED,
): Steps<Found> {
  const wins = function* (query: Query, answer: Answer): Steps<Float32Array | undefined> {
    if (query.image instanceof Uint8Array || !isAdversarial(sample.criterion, answer.logits)) return undefined;
    if (!isInside(query.image, sample.image, ball)) return undefined;
    if (!quantize || isLevels(query.image)) return query.image.slice();
    const bytes = roundInside(query.image, sample.image, ball);
    const image = imageOf(bytes);
    if (!isInside(image, sample.image, ball)) return undefined;
    return isAdversarial(sample.criterion, yield* logitsOf(bytes)) ? image : undefined;
  };
  try {
    let result = search.next([]);
    while (result.done !== true) {
      const queries = result.value;
      if (queries.length > 0 && queries.length + (quantize ? 1 : 0) > left()) {
        search.return();
        return { image: undefined, stop: 'budget' };
      }
      const answers = yield queries;
      for (const [index, query] of queries.entries()) {
        const image = yield* wins(query, answers[index]!);
        if (image === undefined) continue;
        search.return();
        return { image, stop: 'found' };
      }
      result = search.next(answers);
    }
    return { image: undefined, stop: 'finished' };
  } catch (error) {
    if (error instanceof CutShort) return { image: undefined, stop: error.reason };
    throw error;
  }
}

/** What a search for the nearest image came to. */
export interface Nearest extends Found {
  /** The nearest image of whole levels that was adversarial; `undefined` where none was, or none was looked for. */
  readonly levels: Uint8Array | undefined;
  /** The adversarial image with the largest margin, which rounding hurts least; `undefined` where `image` is. */
  readonly surest: Float32Array | undefined;
}

/** The search for images of whole levels that goes beside a search in floating point. */
export interface Levels {
  /** Queries that are kept for what comes after the search. */
  readonly reserve: number;
  /** The queries that the budget still allows. */
  readonly left: Allowance;
}

/** An image is asked about as bytes when the distance has come to this share of that of the last one. */
const NEARER = 0.8;

/** Until one was adversarial as bytes, so is the one with the largest margin, whenever that has grown by this factor. */
const SURER = 1.5;

/**
 * Runs a search to its end and keeps the nearest adversarial image in the box.
 *
 * @param quantized given where images of whole levels are needed. Those that the search asks about by itself are remembered;
 *   so that there is one to fall back on, the first adversarial image and, whenever the distance has fallen by a
 *   fifth, the nearest one are also asked about as bytes, a query each; so is, until there is one, that with the largest margin.
 */
export function* nearest(search: Steps, sample: Sample, norm: Norm, quantized?: Levels): Steps<Nearest> {
  const box: Ball = { norm: 'linf', epsilon: 1 };
  const { criterion, image: original } = sample;
  const { reserve = 0, left = UNLIMITED } = quantized ?? {};
  let image: Float32Array | undefined;
  let least = Number.POSITIVE_INFINITY;
  let surest: Float32Array | undefined;
  let largest = Number.NEGATIVE_INFINITY;
  let levels: Uint8Array | undefined;
  let leastLevels = Number.POSITIVE_INFINITY;
  let checked = Number.POSITIVE_INFINITY;
  let sure = 0;
  let stop: Stop = 'finished';
  const keepLevels = (candidate: Uint8Array, distance: number): void => {
    if (distance >= leastLevels) return;
    levels = candidate;
    leastLevels = distance;
  };
  const check = function* (candidate: Float32Array): Steps {
    const bytes = levelsOf(candidate);
    const distance = distances(imageOf(bytes), original)[norm];
    if (distance >= leastLevels || left() < 1) return;
    if (isAdversarial(criterion, yield* logitsOf(bytes))) keepLevels(bytes, distance);
  };
  try {
    let result = search.next([]);
    while (result.done !== true) {
      const queries = result.value;
      if (quantized !== undefined && queries.length > 0 && queries.length > left() - reserve) {
        search.return();
        stop = 'budget';
        break;
      }
      const answers = yield queries;
      for (const [index, query] of queries.entries()) {
        const { logits } = answers[index]!;
        if (query.image instanceof Uint8Array || !isAdversarial(criterion, logits)) continue;
        const distance = distances(query.image, original)[norm];
        const margin = quantized === undefined ? 0 : criterionMargin(criterion, logits);
        const counts = distance < least || distance < leastLevels || (quantized !== undefined && margin > largest);
        if (!counts || !isInside(query.image, original, box)) continue;
        if (distance < least) {
          least = distance;
          image = query.image.slice();
        }
        if (quantized === undefined) continue;
        if (margin > largest) {
          largest = margin;
          surest = distance === least ? image : query.image.slice();
        }
        if (distance < leastLevels && isLevels(query.image)) keepLevels(levelsOf(query.image), distance);
      }
      if (quantized !== undefined) {
        if (image !== undefined && least < NEARER * Math.min(checked, leastLevels)) {
          checked = least;
          yield* check(image);
        }
        if (levels === undefined && surest !== undefined && largest > SURER * sure) {
          sure = largest;
          if (surest !== image) yield* check(surest);
        }
      }
      result = search.next(answers);
    }
  } catch (error) {
    if (!(error instanceof CutShort)) throw error;
    stop = error.reason;
  }
  return { image, levels, surest, stop };
}
