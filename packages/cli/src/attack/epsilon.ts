/** @file Radii as users write them. */

import { InputError } from '@pareidolia/core';

/**
 * Reads a list of radii by commas: numbers (`0.1`), fractions (`8/255`), or `min` alone for the smallest that succeeds.
 *
 * @returns `undefined` for `min`
 * @throws InputError where one is not a number, or has a unit
 */
export function parseEpsilons(text: string): readonly number[] | undefined {
  if (text.trim() === 'min') return undefined;
  return text.split(',').map((part) => {
    const [, above, below] = /^\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*(?:\/\s*(\d*\.?\d+))?\s*$/i.exec(part) ?? [];
    const value = Number(above) / Number(below ?? 1);
    if (Number.isFinite(value)) return value;
    throw new InputError(
      `"${part.trim()}" is not an epsilon; pixels are in [0, 1] and have no unit: write 0.03 or 8/255, several by commas, or min for the smallest that succeeds`,
    );
  });
}

/** A level of an 8-bit file, less what rounding may take from an epsilon as written. */
const LEVEL = 1 / 255 - 1e-6;

/**
 * Says which epsilons allow no image but the original: then accuracy is what it was, and no attack had a chance.
 *
 * @param quantize whether images have to be adversarial as 8-bit files, the originals being such
 * @returns sentences without a full stop
 */
export function emptyBalls(epsilons: readonly number[] | undefined, quantize: boolean): readonly string[] {
  return (epsilons ?? [])
    .filter((epsilon) => epsilon === 0 || (quantize && epsilon < LEVEL))
    .map((epsilon) =>
      epsilon === 0
        ? 'Epsilon 0 allows no image but the original, so nothing is attacked there'
        : `Epsilon ${epsilon} is less than a level of 8 bits (1/255 = 0.0039), so no file but the original lies within it and nothing is attacked there; give a larger one, or --no-quantize`,
    );
}
