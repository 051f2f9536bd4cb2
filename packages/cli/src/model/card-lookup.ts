/** @file Which model card is used, and where each of its fields comes from. */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Model } from '@pareidolia/autodiff';
import {
  type GatheredCard,
  gatherCard,
  givenFields,
  InputError,
  type ModelCard,
  type ModelCardInput,
  parseCard,
} from '@pareidolia/core';
import { readJson } from '../data/read.ts';
import { quote } from '../job/command-line.ts';
import { type CardOptions, cardFieldsOf } from './card-options.ts';
import { sidecarsOf } from './sidecar-files.ts';

/** What a card is looked for with. */
export interface CardRequest {
  /** Path of the model. */
  readonly model: string;
  readonly sha256: string;
  /** As it was read; `undefined` where it cannot be, which is told when it is opened. */
  readonly graph: Model | undefined;
  /** Path of a card, where the user gave one. */
  readonly card: string | undefined;
  readonly options: CardOptions;
}

export interface FoundCard {
  readonly card: ModelCard;
  /** In words, for example "file lenet.card.json". */
  readonly origin: string;
  /** For each field that is not a default or read off the graph, where it comes from: `option`, `card`, a file, ... */
  readonly origins: ReadonlyMap<string, string>;
  /** What the user should know of the card, each a sentence: what disagrees, what is missing. */
  readonly notices: readonly string[];
}

/**
 * The card of a model. A field is that of the user's options, else of the card that is named or lies beside the model, else of
 * the model's own metadata, else of files beside it, else of a known network, else the default.
 *
 * @throws InputError where the card is not one, or belongs to another model
 */
export function findCard(request: CardRequest): FoundCard {
  const { model, graph, options } = request;
  const path = request.card ?? cardBeside(model);
  const gathered = gatherCard({
    where: basename(model),
    model: graph,
    options: cardFieldsOf(options),
    ...(path === undefined ? {} : { card: { fields: cardIn(path, request), where: path } }),
    sidecars: sidecarsOf(model),
    remedy: `Give --mean, --std and --range, or a card (pareidolia inspect ${quote(model)} --write-card writes one to edit)`,
  });
  const { card, origins, notices } = gathered;
  return { card, origins, notices, origin: originOf(path, gathered) };
}

/**
 * The card of an endpoint, of which nothing else is known: the one that is named, and the options.
 *
 * @param where the endpoint, without secrets
 * @throws InputError where the card is not one
 */
export function findEndpointCard(where: string, path: string | undefined, options: CardOptions): FoundCard {
  const fields = path === undefined ? {} : givenFields(readJson(path, 'model card'), path);
  const own = cardFieldsOf(options);
  const isSaid = path !== undefined || ['range', 'mean', 'deviation'].some((field) => field in own);
  const origins = [fields, own].flatMap((source, place) =>
    Object.keys(source).map((field) => [field, place === 0 ? 'card' : 'option'] as const),
  );
  return {
    card: parseCard({ ...fields, ...own }, path),
    origin: path === undefined ? `defaults${origins.length > 0 ? ' and options' : ''}, no card given` : `file ${path}`,
    origins: new Map(origins),
    notices: isSaid
      ? []
      : [
          `${where} has no card, so pixels from 0 to 1 are sent; give one with --card if it takes others (range, mean, deviation)`,
        ],
  };
}

/** The card of the embedded network, of which all is known; only options change it. */
export function embeddedCard(model: string, options: CardOptions): FoundCard {
  const fields = givenFields(readJson(cardPath(model), 'model card'));
  const given = cardFieldsOf(options);
  const fromOptions = Object.keys(given).map((field) => [field, 'option'] as const);
  return {
    card: parseCard({ ...fields, ...given }),
    origin: 'embedded with the network',
    origins: new Map([...Object.keys(fields).map((field) => [field, 'card'] as const), ...fromOptions]),
    notices: [],
  };
}

/** The card's usual place for a model `lenet.onnx`: `lenet.card.json`, or `lenet.onnx.card.json`. */
export function cardPath(model: string): string {
  return `${model.replace(/\.onnx$/i, '')}.card.json`;
}

function cardBeside(model: string): string | undefined {
  return [`${model}.card.json`, cardPath(model)].find((path) => existsSync(path));
}

/** The fields that a card gives. */
function cardIn(path: string, { model, sha256 }: CardRequest): ModelCardInput {
  const given = givenFields(readJson(path, 'model card'), path);
  if (given.sha256 !== undefined && given.sha256 !== sha256) {
    throw new InputError(
      `${path} belongs to a model with SHA-256 ${given.sha256.slice(0, 12)}..., but ${model} has ${sha256.slice(0, 12)}...; give the card of this model, or mend its field sha256`,
    );
  }
  return given;
}

function originOf(path: string | undefined, { known, origins }: GatheredCard): string {
  if (path !== undefined) return `file ${path}`;
  if (known !== undefined) {
    return `built in, recognized as ${known.name} by its ${known.by === 'graph' ? 'graph and weights' : 'weights'}`;
  }
  const others = [...new Set(origins.values())].map((from) => (from === 'option' ? 'options of the command' : from));
  return others.length === 0 ? 'defaults, no card found' : `no card, but ${others.join(', ')}`;
}
