/** @file A scorer that answers until it is told to stop. */

import { type GradientScorer, hasGradient, type Scorer } from '@pareidolia/core';

/**
 * The same scorer, for work that has no other place where it could be left.
 *
 * @param signal once aborted, every call throws its reason
 */
export function stoppable(scorer: Scorer, signal: AbortSignal): Scorer {
  const { shape, answers, noGradient } = scorer;
  const plain: Scorer = {
    shape,
    ...(answers === undefined ? {} : { answers }),
    ...(noGradient === undefined ? {} : { noGradient }),
    async predict(images, between) {
      signal.throwIfAborted();
      return scorer.predict(images, between);
    },
  };
  if (!hasGradient(scorer)) return plain;
  const { gradientKind, gradientBehind, origin } = scorer;
  const climbing: GradientScorer = {
    ...plain,
    origin,
    ...(gradientKind === undefined ? {} : { gradientKind }),
    ...(gradientBehind === undefined ? {} : { gradientBehind: gradientBehind.bind(scorer) }),
    async gradient(images, objective, between) {
      signal.throwIfAborted();
      return scorer.gradient(images, objective, between);
    },
  };
  return climbing;
}
