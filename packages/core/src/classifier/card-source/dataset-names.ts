/** @file Names of classes that belong to a data set, where nothing that belongs to the network gives any. */

import { IMAGENET_NAMES } from './imagenet-names.ts';
import type { MergedCard } from './merge.ts';
import type { NetworkFacts } from './network-facts.ts';

/** Sides of the smallest images that networks for ImageNet are usually given; smaller ones are of other data. */
const LEAST_SIDE = 96;

/** Who gave the names. */
const ORIGIN = "ImageNet's list";

/**
 * Fills in the names of ImageNet's classes: where the card says that the network was trained on it, or, with a notice, where it says
 * nothing and there are 1,000 classes, or 1,001 with one for the background, of color images of 96 x 96 or more.
 *
 * @param where the model's name
 */
export function withDatasetNames(
  { card, origins, notices }: MergedCard,
  facts: NetworkFacts,
  where: string,
): MergedCard {
  if (card.classNames !== undefined) return { card, origins, notices };
  const said = card.dataset === 'imagenet' || card.dataset === 'imagenet-with-background';
  const count = facts.classes ?? (card.dataset === 'imagenet-with-background' ? 1001 : 1000);
  const names = count === 1001 ? ['background', ...IMAGENET_NAMES] : IMAGENET_NAMES;
  const isLikely =
    card.dataset === undefined && facts.classes === names.length && facts.channels === 3 && isPhotograph(facts);
  if (names.length !== count || !(said || isLikely)) return { card, origins, notices };
  return {
    card: { ...card, classNames: [...names] },
    origins: new Map([...origins, ['classNames', ORIGIN]]),
    notices: said
      ? notices
      : [
          ...notices,
          `${where} names no classes; ${count} of color images are taken for ImageNet's${count === 1001 ? ' behind one for the background' : ''}: give labels or classNames in the card if they are others`,
        ],
  };
}

function isPhotograph({ height, width }: NetworkFacts): boolean {
  return (height ?? LEAST_SIDE) >= LEAST_SIDE && (width ?? LEAST_SIDE) >= LEAST_SIDE;
}
