/** @file The model that a training makes, its card, and the folder beside them. */

import { existsSync, readFileSync } from 'node:fs';
import { InputError, type ModelCardInput } from '@pareidolia/core';
import type { DataSplit } from '../data/datasets.ts';
import { writeAtomically } from '../job/files.ts';
import { sha256 } from '../job/hash.ts';
import { cardPath } from '../model/card-lookup.ts';

/** Beside `lenet.onnx` the folder `lenet.training`: what is needed to go on, a line for each epoch, and the result. */
export function trainingFolder(out: string): string {
  return `${out.replace(/\.onnx$/i, '')}.training`;
}

/**
 * Existing files are only replaced if the user asks for it.
 *
 * @param model the bytes of the model that belongs there; `undefined` where none does yet
 * @throws InputError where there is another model, or a card without one
 */
export function requireReplaceable(out: string, model: Uint8Array | undefined): void {
  const card = cardPath(out);
  const foreign = existsSync(out)
    ? model === undefined || sha256(readFileSync(out)) !== sha256(model)
      ? out
      : undefined
    : existsSync(card)
      ? card
      : undefined;
  if (foreign === undefined) return;
  throw new InputError(
    `${foreign} exists already and is not of this training; add --force to replace it, or choose another --out`,
  );
}

/** Writes a model and its card; what a kill leaves half-written lies in the training's folder, which is tidied up. */
export function saveModel(
  out: string,
  model: Uint8Array,
  { name, train: { classNames, images } }: DataSplit,
): { readonly card: string; readonly sha256: string } {
  const digest = sha256(model);
  const card: ModelCardInput = {
    classNames: [...classNames],
    color: images.channels === 1 ? 'grey' : 'rgb',
    range: [0, 1],
    output: 'logits',
    dataset: name,
    sha256: digest,
  };
  const options = { workshop: trainingFolder(out) };
  writeAtomically(out, model, options);
  writeAtomically(cardPath(out), `${JSON.stringify(card, null, 2)}\n`, options);
  return { card: cardPath(out), sha256: digest };
}
