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
