/** @file The card of a model out of everything that says something of it, in the order in which sources count. */

import type { Model } from '@pareidolia/autodiff';
import type { ModelCardInput } from '../card.ts';
import { type KnownNetwork, knownNetwork } from '../known/known.ts';
import { withDatasetNames } from './dataset-names.ts';
import { type CardSource, type MergedCard, mergeCard } from './merge.ts';
import { metadataPart } from './metadata.ts';
import { networkFacts } from './network-facts.ts';
import { noCardNotice } from './no-card.ts';
import { PREPROCESSING } from './preprocessing.ts';
import type { Sidecar } from './sidecars.ts';

/** What may be known of a model. */
export interface CardClues {
  /** The model's name, for the notices. */
  readonly where: string;
  /** As it was read; `undefined` where it cannot be, which is told when it is opened. */
  readonly model: Model | undefined;
  /** Fields that the user gives besides the card; they count most. */
  readonly options?: ModelCardInput;
  /** The card that is written for the model, and what it is called. */
  readonly card?: { readonly fields: ModelCardInput; readonly where: string };
  readonly sidecars?: readonly Sidecar[];
  /** How the user says what is missing, a sentence without a full stop. */
  readonly remedy: string;
}

/** A card, with where its fields come from. */
export interface GatheredCard extends MergedCard {
  /** The published network that the model is, where it is one and the card uses that. */
  readonly known?: KnownNetwork;
}

/**
 * The card of a model. Each field is that of the user's options, else of the card, else of the model's own metadata, else of the
 * files beside it, else of a known network; `mergeCard` says how they are put together.
 *
 * @throws InputError where the card that comes out is none
 */
export function gatherCard({ where, model, options = {}, card, sidecars = [], remedy }: CardClues): GatheredCard {
  const facts = networkFacts(model);
  const metadata = metadataPart(model?.metadata, where);
  const known = model === undefined ? undefined : knownNetwork(model);
  const knownFrom = `known network ${known?.name}`;
  const sources: readonly CardSource[] = [
    { from: 'option', kind: 'option', where: 'the command', fields: options },
    ...(card === undefined ? [] : [{ from: 'card', kind: 'card', ...card } as const]),
    { from: "the file's metadata", kind: 'found', fields: metadata.fields },
    ...sidecars.map(({ file, part }) => ({ from: file, kind: 'found', fields: part.fields }) as const),
    ...(known === undefined ? [] : [{ from: knownFrom, kind: 'found', fields: known.card } as const]),
  ];
  const merged = withDatasetNames(mergeCard(sources, facts, where), facts, where);
  const lack = noCardNotice(merged, facts, { where, hasCard: card !== undefined, remedy });
  const isPreprocessed = PREPROCESSING.some((field) => merged.origins.get(field) === knownFrom);
  const notices = [
    ...(lack === undefined ? [] : [lack]),
    ...metadata.notices,
    ...sidecars.flatMap(({ part }) => part.notices),
    ...merged.notices,
    ...(known?.by === 'weights' && isPreprocessed
      ? [
          `${where} has the weights of ${known.name} in another graph, so pixels are given as that takes them; if the graph does that itself, the card has to say range [0, 1], mean 0 and deviation 1`,
        ]
      : []),
  ];
  const isUsed = [...merged.origins.values()].includes(knownFrom);
  return { ...merged, notices: [...new Set(notices)], ...(known !== undefined && isUsed ? { known } : {}) };
}
