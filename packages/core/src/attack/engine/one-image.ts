/** @file What an attack does with one image, from the first question to the last epsilon. */

import type { QueryCount } from '../../classifier/metered.ts';
import { argmax } from '../../classifier/scores.ts';
import type { Random } from '../../random/random.ts';
import type { FixedSearch, MinimalSearch, SingleAttack } from '../attack.ts';
import { type Criterion, isAdversarial } from '../criterion.ts';
import type { Norm } from '../norm.ts';
import { type Allowance, CutShort } from './drive.ts';
import { inTurn, isUnsound } from './ensemble.ts';
import { smallestEpsilon } from './epsilon-search.ts';
import { type ExpectationSettings, overTransformations } from './expectation.ts';
import { imageOf, levelsOf, nearestQuantized } from './quantization.ts';
import { type Answer, logitsOf, type Steps } from './query.ts';
import { acceptedClasses, attackedLogits, isRefused, withRefusal } from './refusal.ts';
import { demanding, type KnownStart, type Sample } from './sample.ts';
import type { TargetModel } from './target-model.ts';
import { type Found, type Nearest, nearest } from './verify.ts';

/** How a prepared attack searches on one image. */
export type Search =
  /** For the nearest image. */
  | { readonly kind: 'minimal'; readonly minimal: MinimalSearch }
  /** In a ball, one after the other. */
  | { readonly kind: 'fixed'; readonly searches: readonly FixedSearch[] };

/** What is to be done to every image. */
export interface Plan {
  readonly attack: Pick<SingleAttack, 'name' | 'access'>;
  readonly search: Search;
  readonly norm: Norm;
  /** Ascending; the smallest that succeeds is searched for where there is none. */
  readonly epsilons: readonly number[];
  readonly quantize: boolean;
  readonly expectation: ExpectationSettings | undefined;
  readonly starts: readonly KnownStart[];
  /** Most forward passes for each image; unlimited when absent. */
  readonly budget?: number | undefined;
}

/** One image with what is to be done to it. */
export interface Subject {
  readonly index: number;
  /** As it came: bytes or floats. */
  readonly given: Uint8Array | Float32Array;
  readonly image: Float32Array;
  readonly criterion: Criterion;
  readonly random: Random;
}

/** What was found at one epsilon, and what had been spent by then. */
export interface Stage extends Found {
  readonly queries: QueryCount;
  /** Forward passes whose decision was not the label. */
  readonly misread: number;
}

/** What came of one image. */
export interface Attacked {
  /** Of the original, as the model gives them. */
  readonly logits: Float32Array;
  /** One for each epsilon until it was clear how the rest ends, or one in all. */
  readonly stages: readonly Stage[];
}

/**
 * All that is done with one image: asks whether it is adversarial or refused already, and if not, searches.
 *
 * @param meter shows what has been spent on the image
 */
export function* attackOne(model: TargetModel, subject: Subject, plan: Plan, meter: QueryCount): Steps<Attacked> {
  const { label } = subject.criterion;
  let misread = 0;
  const steps = search(model, subject, plan, meter, () => misread);
  let result = steps.next();
  while (result.done !== true) {
    let answers: readonly Answer[];
    try {
      answers = yield result.value;
    } catch (error) {
      result = steps.throw(error);
      continue;
    }
    for (const { logits } of answers) if (argmax(logits) !== label) misread++;
    result = steps.next(answers);
  }
  return result.value;
}

function* search(
  model: TargetModel,
  subject: Subject,
  plan: Plan,
  meter: QueryCount,
  misread: () => number,
): Steps<Attacked> {
  const { expectation, starts } = plan;
  const { image, random } = subject;
  const logits = (yield* logitsOf(subject.given)).slice();
  const stage = (result: Found): Stage => ({ ...result, queries: { ...meter }, misread: misread() });
  if (isRefused(model, logits)) return { logits, stages: [stage({ image: undefined, stop: 'initially refused' })] };
  const { criterion } = subject;
  const own = attackedLogits(model, criterion.label, logits);
  if (isAdversarial(criterion, own)) return { logits, stages: [stage({ image, stop: 'initially wrong' })] };
  const sample: Sample = {
    shape: model.shape,
    numClasses: acceptedClasses(model),
    image,
    logits: own,
    criterion,
    random,
    quantize: plan.quantize,
    starts,
  };
  const draws = Math.max(1, expectation?.draws ?? 1);
  const left: Allowance = () => Math.floor(((plan.budget ?? Number.POSITIVE_INFINITY) - meter.forward) / draws);
  const stages = searchIn(sample, plan, stage, left);
  const drawn = expectation ? overTransformations(stages, sample, expectation) : stages;
  return { logits, stages: yield* withRefusal(drawn, model, criterion.label) };
}

/** The search itself, once the original is known to be right. */
function* searchIn(
  sample: Sample,
  plan: Plan,
  stage: (result: Found) => Stage,
  left: Allowance,
): Steps<readonly Stage[]> {
  const { search, norm, epsilons, quantize } = plan;
  if (search.kind === 'minimal') {
    const own = demanding(sample, search.minimal.confidence);
    const levels = quantize ? { left, reserve: reserveOf(left(), plan.attack.access === 'gradients') } : undefined;
    const found = yield* nearest(search.minimal.search(own, norm), own, norm, levels);
    return [stage(quantize ? yield* quantized(own, found, plan, left) : found)];
  }
  const { searches } = search;
  if (epsilons.length === 0) return [stage(yield* smallestEpsilon(searches, sample, norm, quantize, left))];
  const stages: Stage[] = [];
  for (const epsilon of epsilons) {
    const result = stage(yield* inTurn(searches, sample, { norm, epsilon }, quantize, left));
    stages.push(result);
    if (result.stop !== 'finished' && !(searches.length > 1 && isUnsound(result.stop))) break;
  }
  return stages;
}

/**
 * Queries that are kept for the nearest image of whole levels: without gradients what finds one and closes it in, with them
 * what most searches need to come near it.
 */
function reserveOf(left: number, gradients: boolean): number {
  return gradients ? Math.min(200, Math.ceil(left / 4)) : Math.min(24, Math.ceil(left / 10));
}

/** The nearest adversarial image that a file can hold, from the nearest in floating point. */
function* quantized(sample: Sample, found: Nearest, { attack, norm }: Plan, left: Allowance): Steps<Found> {
  const { image, levels: known, surest, stop } = found;
  if (image === undefined) return found;
  // What is there when the search is cut short: the judge says whether it does.
  let best = imageOf(known ?? levelsOf(image));
  if (stop === 'not finite' || stop === 'gradient not finite') return { image: best, stop };
  try {
    const search = nearestQuantized(sample, image, norm, attack.access === 'gradients', {
      known,
      surest,
      left,
      onBetter: (levels) => {
        best = imageOf(levels);
      },
    });
    const levels = yield* search;
    return { image: levels && imageOf(levels), stop };
  } catch (error) {
    if (error instanceof CutShort) return { image: best, stop: error.reason };
    throw error;
  }
}
