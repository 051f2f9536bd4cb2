/** @file Verifies what a search asks about: no attack is trusted to say what it found. */

import { isAdversarial } from '../criterion.ts';
import { type Ball, distances, isInside, type Norm } from '../norm.ts';
import { CutShort } from './drive.ts';
import { imageOf, roundInside } from './quantization.ts';
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
  | 'initially wrong';

/** What a search came to. */
export interface Found {
  /** The image, floats in [0, 1]; `undefined` where nothing was found. */
  readonly image: Float32Array | undefined;
  readonly stop: Stop;
  /** The member of an ensemble that ended it. */
  readonly by?: string;
}

/**
 * Runs a search until one of the images it asks about is adversarial, inside ball and box.
 *
 * @param quantize whether the image has to be adversarial as bytes too; each candidate then costs one more query
 */
export function* untilFound(search: Steps, sample: Sample, ball: Ball, quantize: boolean): Steps<Found> {
  const wins = function* (query: Query, answer: Answer): Steps<Float32Array | undefined> {
    if (query.image instanceof Uint8Array || !isAdversarial(sample.criterion, answer.logits)) return undefined;
    if (!isInside(query.image, sample.image, ball)) return undefined;
    if (!quantize) return query.image.slice();
    const bytes = roundInside(query.image, sample.image, ball);
    const image = imageOf(bytes);
    if (!isInside(image, sample.image, ball)) return undefined;
    return isAdversarial(sample.criterion, yield* logitsOf(bytes)) ? image : undefined;
  };
  try {
    let result = search.next([]);
    while (result.done !== true) {
      const queries = result.value;
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

/** Runs a search to its end and keeps the nearest adversarial image in the box. */
export function* nearest(search: Steps, sample: Sample, norm: Norm): Steps<Found> {
  let image: Float32Array | undefined;
  let least = Number.POSITIVE_INFINITY;
  let stop: Stop = 'finished';
  const box: Ball = { norm: 'linf', epsilon: 1 };
  try {
    let result = search.next([]);
    while (result.done !== true) {
      const queries = result.value;
      const answers = yield queries;
      for (const [index, query] of queries.entries()) {
        if (query.image instanceof Uint8Array || !isAdversarial(sample.criterion, answers[index]!.logits)) continue;
        const distance = distances(query.image, sample.image)[norm];
        if (distance >= least || !isInside(query.image, sample.image, box)) continue;
        least = distance;
        image = query.image.slice();
      }
      result = search.next(answers);
    }
  } catch (error) {
    if (!(error instanceof CutShort)) throw error;
    stop = error.reason;
  }
  return { image, stop };
}
