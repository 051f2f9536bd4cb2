/** @file Networks that a training makes, as files. */

import { join } from 'node:path';
import type { Model } from '@pareidolia/autodiff';
import { writeAtomically } from '../job/files.ts';
import { sha256 } from '../job/hash.ts';
import { cardPath } from '../model/card-lookup.ts';

export interface NetworkFile {
  readonly model: string;
  readonly card: string;
  readonly sha256: string;
}

/**
 * Writes a network and its card. The card is first: it names the model by its hash, so that a model is never read by a card that
 * was there before.
 */
export function saveNetwork(folder: string, name: string, model: Uint8Array, card: object): NetworkFile {
  const path = join(folder, name);
  const digest = sha256(model);
  writeAtomically(cardPath(path), `${JSON.stringify({ ...card, sha256: digest }, null, 2)}\n`);
  writeAtomically(path, model);
  return { model: path, card: cardPath(path), sha256: digest };
}

/** Values of a network that a training changes by gradients. */
export function countTrained({ graph }: Model): number {
  let count = 0;
  for (const [name, { type, dims, data }] of graph.initializers) {
    if (type === 'float32' && dims.length > 0 && !/\.(mean|variance)$/.test(name)) count += data.length;
  }
  return count;
}
