/** @file All variations, by name. A new one is a file beside this one, and a line here. */

import type { Encoding } from '../encoding/encoding.ts';
import type { Choice } from '../encoding/registry.ts';
import { InputError } from '../errors.ts';
import { unknownName } from '../settings/names.ts';
import { cppnStructure } from './cppn-structure.ts';
import { gaussian } from './gaussian.ts';
import { geneMutation } from './gene-mutation.ts';
import { growingMutation } from './growing-mutation.ts';
import { isoLine } from './iso-line.ts';
import { neatVariation } from './neat.ts';
import { paletteMutation } from './palette-mutation.ts';
import { patches } from './patches.ts';
import type { Variation, VariationKind } from './variation.ts';
import { vectorMutation } from './vector-mutation.ts';

/** The first that fits an encoding is its own: what the paper's search varies its genomes by. */
export const VARIATIONS: readonly VariationKind[] = [
  cppnStructure,
  neatVariation,
  paletteMutation,
  geneMutation,
  growingMutation,
  vectorMutation,
  isoLine,
  gaussian,
  patches,
];

/** @throws InputError where there is none of that name */
export function variationNamed(name: string): VariationKind {
  const found = VARIATIONS.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'variation',
      name,
      VARIATIONS.map((each) => each.name),
    ),
  );
}

/**
 * An encoding's own variation.
 *
 * @throws InputError where it has none
 */
export function ownVariation(encoding: Encoding): VariationKind {
  const found = VARIATIONS.find((kind) => kind.fits(encoding));
  if (found !== undefined) return found;
  throw new InputError(`The encoding ${encoding.name} has no variation of its own; choose another emitter`);
}

/** @throws InputError where the name is unknown, it does not fit the encoding, or a setting is unknown or out of range */
export function createVariation({ name, settings }: Choice, encoding: Encoding): Variation {
  const kind = variationNamed(name);
  if (!kind.fits(encoding)) {
    throw new InputError(`${name} does not work on genomes of ${encoding.name}; choose another emitter or encoding`);
  }
  return kind.create(encoding, settings);
}
