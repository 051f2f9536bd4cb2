/** @file Expectation over transformations: an attack whose images keep working when they are moved, turned or lit otherwise. */

import type { Settings } from '../attack.ts';
import { criterionMargin } from '../criterion.ts';
import { imageOf } from './quantization.ts';
import type { Answer, Query, Steps } from './query.ts';
import type { Sample } from './sample.ts';
import { drawTransformation, type Ranges } from './transformations.ts';

export interface ExpectationSettings extends Ranges, Settings {
  /** Transformations drawn for each query; the unchanged image is one of them. */
  readonly draws: number;
}

export const EXPECTATION: ExpectationSettings = {
  draws: 10,
  rotation: 10,
  scale: 0.1,
  translation: 2,
  brightness: 0.05,
  contrast: 0.1,
  noise: 0.02,
};

/**
 * Lets an attack see a network through random transformations (Athalye et al. 2018, arXiv 1707.07397): every gradient it
 * asks for is the mean of the gradients over drawn transformations of the image (not the gradient at mean logits), and the
 * logits it sees are those of the draw that is furthest from the criterion, so that an image counts only where all draws reach
 * it. Each query costs `draws` passes. The bytes of a file are seen as they are and through the same transformations.
 */
export function* overTransformations<T>(
  steps: Steps<T>,
  { shape, criterion, random }: Pick<Sample, 'shape' | 'criterion' | 'random'>,
  settings: ExpectationSettings,
): Steps<T> {
  /** An image as it is and as it is after all but one of the draws. */
  const spread = (query: Query): readonly Draw[] => {
    const image = query.image instanceof Uint8Array ? imageOf(query.image) : query.image;
    return Array.from({ length: Math.max(1, settings.draws) }, (_, draw): Draw => {
      if (draw === 0) return { query, transpose: (gradient) => gradient };
      const transformation = drawTransformation(random, shape, settings);
      return {
        query: { ...query, image: transformation.apply(image) },
        transpose: (gradient) => transformation.transpose(gradient),
      };
    });
  };
  const gather = (draws: readonly Draw[], answers: readonly Answer[]): Answer => {
    const margins = answers.map(({ logits }) => criterionMargin(criterion, logits));
    const furthest = answers[margins.indexOf(Math.min(...margins))]!;
    const gradient = new Float32Array(answers[0]!.gradient.length);
    answers.forEach((answer, draw) => {
      if (gradient.length === 0) return;
      const back = draws[draw]!.transpose(answer.gradient);
      for (let i = 0; i < gradient.length; i++) gradient[i]! += back[i]! / answers.length;
    });
    const value = answers.reduce((sum, answer) => sum + answer.value / answers.length, 0);
    return { logits: furthest.logits, value, gradient };
  };
  let result = steps.next([]);
  while (result.done !== true) {
    const spreads = result.value.map(spread);
    let answers: readonly Answer[];
    try {
      answers = yield spreads.flatMap((draws) => draws.map(({ query }) => query));
    } catch (error) {
      result = steps.throw(error);
      continue;
    }
    let from = 0;
    result = steps.next(
      spreads.map((draws) => {
        const some = answers.slice(from, from + draws.length);
        from += draws.length;
        return gather(draws, some);
      }),
    );
  }
  return result.value;
}

interface Draw {
  readonly query: Query;
  readonly transpose: (gradient: Float32Array) => Float32Array;
}
