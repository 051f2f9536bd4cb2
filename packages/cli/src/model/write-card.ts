/** @file Writes the card in force, to be edited or kept. */

import { existsSync } from 'node:fs';
import { InputError, type ModelCardInput, type OnnxClassifier, parseCard } from '@pareidolia/core';
import { writeAtomically } from '../job/files.ts';
import { cardPath } from './card-lookup.ts';
import type { ModelFile } from './model-file.ts';

/** Where a card is to be written. */
export interface CardTarget {
  /** The card's usual place, beside the model, when absent. */
  readonly path?: string;
  /** Whether an existing file is replaced. */
  readonly force: boolean;
}

/**
 * The path that a card is written to.
 *
 * @throws InputError where there is a file already, or no place
 */
export function cardTarget({ path: model }: Pick<ModelFile, 'path'>, { path, force }: CardTarget): string {
  if (path === undefined && model === undefined) {
    throw new InputError('The embedded network has no folder of yours: name the file, --write-card <file>');
  }
  const target = path ?? cardPath(model!);
  if (/\.onnx$/i.test(target)) {
    throw new InputError(
      `${target} is a model, not a place for its card: write the model in front of --write-card, or name a .card.json file`,
    );
  }
  if (!force && existsSync(target)) {
    throw new InputError(`${target} exists already; --force replaces it, --write-card <file> writes another one`);
  }
  return target;
}

/**
 * Writes the card in force: every field that is known, and those that are defaults so that they can be edited.
 *
 * @param classifier the network, where it is one: what its graph decides is written too
 * @returns the path
 */
export function writeCard(
  { card }: Pick<ModelFile, 'card'>,
  classifier: Pick<OnnxClassifier, 'card' | 'shape'> | undefined,
  path: string,
): string {
  const { classNames, ...rest } = card;
  const shape = classifier?.shape;
  const color = card.color ?? (shape === undefined ? undefined : shape.channels === 1 ? 'grey' : 'rgb');
  const written: ModelCardInput = {
    ...(color === undefined ? {} : { color }),
    ...(shape === undefined ? {} : { height: shape.height, width: shape.width }),
    ...rest,
    range: [...(classifier?.card.range ?? card.range)],
    // Last, since they may be many.
    ...(classNames === undefined ? {} : { classNames }),
  };
  parseCard(written, path);
  writeAtomically(path, `${inLines(written)}\n`);
  return path;
}

/** As JSON, a field a line, with numbers of a list beside each other. */
function inLines(card: ModelCardInput): string {
  return JSON.stringify(card, null, 2).replaceAll(
    /\[\s+([-\d.e+,\s]+?)\s+\]/g,
    (_, numbers: string) => `[${numbers.split(/,\s*/).join(', ')}]`,
  );
}
