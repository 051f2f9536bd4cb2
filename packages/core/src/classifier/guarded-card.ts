/** @file The card of a network and the detector that was folded into it, as one classifier. */

import type { ModelCard } from './card.ts';

/** The name of the class that stands for what the detector refuses. Wherever classes of nothing are told by names, it is one. */
export const REFUSED_CLASS = 'refused';

/**
 * The card by which a guarded model is a classifier of one class more, the last: what its detector refuses.
 *
 * @returns `undefined` where the card knows of no detector, or of no output that has the answers of both
 */
export function guardedCard(card: ModelCard): ModelCard | undefined {
  const { features: _, ...rest } = card;
  const answers = card.guard?.answers;
  if (answers === undefined) return undefined;
  if (isGuarded(card)) return card;
  return {
    ...rest,
    output: 'logits',
    outputName: answers,
    ...(card.classNames === undefined ? {} : { classNames: [...card.classNames, REFUSED_CLASS] }),
  };
}

/** Whether a card is one that {@link guardedCard} has made. */
export function isGuarded({ guard, outputName }: ModelCard): boolean {
  return guard?.answers !== undefined && outputName === guard.answers;
}
