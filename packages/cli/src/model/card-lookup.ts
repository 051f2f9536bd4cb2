/** @file Which model card is used, and where it comes from. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, knownCard, type ModelCard, parseCard } from '@pareidolia/core';
import { dataFolder } from '../data/folder.ts';
import { readJson } from '../data/read.ts';
import { readIfThere } from '../job/files.ts';

export interface FoundCard {
  readonly card: ModelCard;
  /** In words, for example "file lenet.card.json". */
  readonly origin: string;
  /** Where the class names come from, when not from the card or the network itself. */
  readonly classNamesOrigin?: string;
  /** The fields that the card itself gives; the others have their defaults. */
  readonly given: ReadonlySet<string>;
}

/**
 * The card named, else the one beside the model, else that of a known network, else defaults.
 *
 * @param model path of the model
 * @param sha256 of the model
 * @param named path of a card, where the user gave one
 * @throws InputError where the card is not one, or belongs to another model
 */
export function findCard(model: string, sha256: string, named: string | undefined): FoundCard {
  const path = named ?? cardBeside(model);
  const known = path === undefined ? knownCard(sha256) : undefined;
  const written = path === undefined ? (known ?? {}) : readJson(path, 'model card');
  const card = parseCard(written, path);
  if (card.sha256 !== undefined && card.sha256 !== sha256) {
    throw new InputError(
      `${path} belongs to a model with SHA-256 ${card.sha256.slice(0, 12)}..., but ${model} has ${sha256.slice(0, 12)}...; give the card of this model, or mend its field sha256`,
    );
  }
  const origin =
    path !== undefined
      ? `file ${path}`
      : known !== undefined
        ? 'built in, recognised by SHA-256'
        : 'defaults, no card found';
  return withDatasetNames({ card, origin, given: new Set(Object.keys(written as object)) });
}

/** The card's usual place for a model `lenet.onnx`: `lenet.card.json`, or `lenet.onnx.card.json`. */
export function cardPath(model: string): string {
  return `${model.replace(/\.onnx$/i, '')}.card.json`;
}

function cardBeside(model: string): string | undefined {
  return [`${model}.card.json`, cardPath(model)].find((path) => existsSync(path));
}

/** Fills in the names of ImageNet's classes, which cards leave to the data folder. */
function withDatasetNames(found: FoundCard): FoundCard {
  const { card } = found;
  const background = card.dataset === 'imagenet-with-background';
  if (card.classNames !== undefined || !(background || card.dataset === 'imagenet')) return found;
  const path = join(dataFolder(), 'imagenet', 'labels.txt');
  const text = readIfThere(path);
  if (text === undefined) return { ...found, classNamesOrigin: `numbers, for there is no ${path}` };
  const names = text.split('\n').map((line) => line.trim());
  while (names.at(-1) === '') names.pop();
  return {
    ...found,
    card: { ...card, classNames: background ? ['background', ...names] : names },
    classNamesOrigin: `file ${path}`,
  };
}
