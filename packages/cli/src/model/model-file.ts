/** @file A model as the user names it: its bytes and the card in force. */

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { InputError } from '@pareidolia/core';
import { readInput } from '../data/read.ts';
import { isAddress } from '../endpoint/address.ts';
import { embeddedCard, type FoundCard, findCard } from './card-lookup.ts';
import type { CardOptions } from './card-options.ts';
import { embeddedFile, embeddedName } from './embedded.ts';
import { graphIfReadable } from './read-graph.ts';
import { type WeightFiles, weightsBeside } from './weight-files.ts';

export interface ModelFile extends FoundCard, WeightFiles {
  /** As the user gave it, be it the name of an embedded network; `undefined` where nothing was given. */
  readonly path: string | undefined;
  /** The file's name without its folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** Of the card that the user named. */
  readonly cardPath: string | undefined;
  /** Fields of the card that the user gave as options. */
  readonly cardOptions: CardOptions;
}

/**
 * @param path of the `.onnx` file, or the name of an embedded network; the one that reads digits when absent
 * @param card path of a card that is to be used instead of what is found
 * @param cardOptions fields of the card that count more than any other source
 * @throws InputError where a file is not there or the card is not one
 */
export function readModel(
  path: string | undefined,
  card: string | undefined,
  cardOptions: CardOptions = {},
): ModelFile {
  if (isAddress(path)) {
    throw new InputError(
      'The model is an endpoint, and this needs the file of the network; fool, attack, score and inspect take endpoints',
    );
  }
  const embedded = embeddedName(path);
  // What is not embedded has a path.
  const file = embedded === undefined ? path! : embeddedFile(embedded);
  const bytes = readInput(file, 'model');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { externalData, weights } = weightsBeside(file);
  const isEmbedded = embedded !== undefined && card === undefined;
  const found = isEmbedded
    ? embeddedCard(file, cardOptions)
    : findCard({ model: file, sha256, graph: graphIfReadable(bytes, externalData), card, options: cardOptions });
  return {
    path,
    name: basename(file),
    bytes,
    externalData,
    weights,
    sha256,
    cardPath: card,
    cardOptions,
    ...found,
  };
}
