/** @file A model as the user names it: its bytes and the card in force. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { readInput } from '../data/read.ts';
import { isAddress } from '../endpoint/address.ts';
import { type FoundCard, findCard } from './card-lookup.ts';

export interface ModelFile extends FoundCard {
  /** As the user gave it; `undefined` for the embedded network. */
  readonly path: string | undefined;
  /** The file's name without its folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Reads a file beside the model that holds weights; `undefined` where it is not there. */
  readonly externalData: (location: string) => Uint8Array | undefined;
  /** SHA-256 digests of files that {@link externalData} has read, by their location. */
  readonly weights: ReadonlyMap<string, string>;
  readonly sha256: string;
  /** Of the card that the user named. */
  readonly cardPath: string | undefined;
}

const EMBEDDED = '@pareidolia/core/assets/lenet-digits.onnx';

/**
 * @param path of the `.onnx` file; the embedded digit network when absent
 * @param card path of a card that is to be used instead of what is found
 * @throws InputError where a file is not there or the card is not one
 */
export function readModel(path: string | undefined, card: string | undefined): ModelFile {
  if (isAddress(path)) {
    throw new InputError(
      'The model is an endpoint, and this needs the file of the network; fool, attack, score and inspect take endpoints',
    );
  }
  const file = path ?? createRequire(import.meta.url).resolve(EMBEDDED);
  const bytes = readInput(file, 'model');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const found = findCard(file, sha256, card);
  const origin = path === undefined && card === undefined ? 'embedded with the network' : found.origin;
  const weights = new Map<string, string>();
  const externalData = (location: string): Uint8Array | undefined => {
    const beside = join(dirname(file), location);
    if (!existsSync(beside)) return undefined;
    const content = readInput(beside, 'file of weights');
    weights.set(location, createHash('sha256').update(content).digest('hex'));
    return content;
  };
  return { path, name: basename(file), bytes, externalData, weights, sha256, cardPath: card, ...found, origin };
}
