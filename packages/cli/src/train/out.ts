/** @file The model that a training makes, its card, and the folder beside them. */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, type ModelCardInput } from '@pareidolia/core';
import type { DataSplit } from '../data/datasets.ts';
import { readInput } from '../data/read.ts';
import { temporaryName, writeAtomically } from '../job/files.ts';
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
  const isOurs = model !== undefined && isOf(out, card, sha256(model));
  const foreign = existsSync(out) ? out : existsSync(card) ? card : undefined;
  if (foreign === undefined || isOurs) return;
  throw new InputError(
    `${foreign} exists already and is not of this training; add --force to replace it, or choose another --out`,
  );
}

/** Whether what is there of a model and its card, either of which may be missing, is of this training. */
function isOf(out: string, card: string, digest: string): boolean {
  if (existsSync(out)) return sha256(readInput(out, 'model')) === digest;
  try {
    const { sha256: named } = JSON.parse(new TextDecoder().decode(readInput(card, 'model card')));
    return named === digest;
  } catch {
    return false;
  }
}

/** Whether a file of that name is the model or its card; what a kill leaves of them lies in the training's folder. */
export function isPart(out: string, name: string): boolean {
  return name === basename(out) || name === basename(cardPath(out));
}

/** Bytes of a file's name that all systems take. */
const MOST_NAME = 255;

/**
 * Finds out whether all names that belong to a model fit.
 *
 * @throws InputError where one does not
 */
export function requireNames(out: string): void {
  const longest = temporaryName(basename(cardPath(out)));
  if (Buffer.byteLength(longest) <= MOST_NAME) return;
  throw new InputError(
    `The name ${basename(out).slice(0, 40)}... is too long for a model and its card; choose a shorter --out`,
  );
}

/**
 * Writes a model and its card; what a kill leaves half-written lies in the training's folder, which is tidied up. The card
 * is first: it names the model by its hash, so that a model which it does not belong to yet is refused with it, and never
 * read by a card that was there before.
 */
export function saveModel(
  out: string,
  model: Uint8Array,
  card: ModelCardInput,
): { readonly card: string; readonly sha256: string } {
  const digest = sha256(model);
  const options = { workshop: trainingFolder(out) };
  writeAtomically(cardPath(out), `${JSON.stringify({ ...card, sha256: digest }, null, 2)}\n`, options);
  writeAtomically(out, model, options);
  return { card: cardPath(out), sha256: digest };
}

/** The card of a network that is made here, but for its hash. */
export function ownCard({ name, train: { classNames, images } }: DataSplit): ModelCardInput {
  return {
    classNames: [...classNames],
    color: images.channels === 1 ? 'grey' : 'rgb',
    range: [0, 1],
    output: 'logits',
    dataset: name,
  };
}
