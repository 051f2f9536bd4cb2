/** @file Which kinds of images a quiz on some network can show. */

import type { ImageShape } from '@pareidolia/core';
import { QUIZ_KINDS, type QuizKind } from '@pareidolia/lab/quiz';
import { isSmall } from '../elite-view.ts';
import type { QuizKindView } from './quiz-views.ts';

/**
 * The kinds in their order, with what is in the way of some.
 *
 * @param network its images, what is in the way of its gradient, and whether drawings of its own data set are at hand
 */
export function quizKinds({
  shape,
  noGradient,
  hasDrawings,
}: {
  readonly shape: ImageShape;
  readonly noGradient: string | undefined;
  readonly hasDrawings: boolean;
}): readonly QuizKindView[] {
  const missing: Readonly<Record<QuizKind, string | undefined>> = {
    cppn: undefined,
    direct: isSmall({ shape }) ? undefined : `pixels of ${shape.width} × ${shape.height} images take hours to evolve`,
    ascent: noGradient,
    real: hasDrawings ? undefined : 'open pictures of what the network knows',
  };
  return QUIZ_KINDS.map((kind) => ({ kind, ...(missing[kind] === undefined ? {} : { missing: missing[kind] }) }));
}
