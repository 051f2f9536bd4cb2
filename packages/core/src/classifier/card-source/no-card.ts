/** @file What is said where nothing tells how pixels are given to a network. */

import type { MergedCard } from './merge.ts';
import type { NetworkFacts } from './network-facts.ts';
import { PREPROCESSING } from './preprocessing.ts';

/**
 * A sentence where neither card nor anything else says range, mean or deviation, so that the default is a guess; `undefined` where
 * something does, or the input is of whole numbers, which pixels are.
 *
 * @param where the model's name
 * @param hasCard whether there is a card, which leaves them open
 * @param remedy how the user says them
 */
export function noCardNotice(
  { card, origins }: Pick<MergedCard, 'card' | 'origins'>,
  facts: NetworkFacts,
  { where, hasCard, remedy }: { readonly where: string; readonly hasCard: boolean; readonly remedy: string },
): string | undefined {
  if (facts.isWhole || PREPROCESSING.some((field) => origins.has(field))) return undefined;
  const color = card.color ?? (facts.channels === 1 ? 'grey' : 'rgb');
  const order = color === 'grey' ? '' : `, ${color === 'bgr' ? 'BGR' : 'RGB'}`;
  const lack = hasCard ? `The card of ${where} says no range, mean and deviation` : `No model card for ${where}`;
  return `${lack}: pixels are given as x/255 without mean and deviation${order}; if the network was trained otherwise the figures are wrong. ${remedy}`;
}
