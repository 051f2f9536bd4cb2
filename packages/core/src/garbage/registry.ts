/** @file All sources of garbage, by name. A new one is a file beside this one, and a line here. */

import { InputError } from '../errors.ts';
import { unknownName } from '../settings/names.ts';
import { binaryNoise } from './binary-noise.ts';
import { checkers } from './checkers.ts';
import { black, grey, primaryColors, white } from './constants.ts';
import { gaussianNoise } from './gaussian-noise.ts';
import { letters } from './letters.ts';
import { lowPassNoise } from './low-pass-noise.ts';
import { permutedPixels } from './permuted-pixels.ts';
import { pinkNoise } from './pink-noise.ts';
import { randomCppns } from './random-cppns.ts';
import { scaledRays } from './scaled-rays.ts';
import type { GarbageSource } from './source.ts';
import { stripes } from './stripes.ts';
import { text } from './text.ts';
import { uniformNoise } from './uniform-noise.ts';

/** In the order in which they are listed. */
export const GARBAGE: readonly GarbageSource[] = [
  black,
  white,
  grey,
  primaryColors,
  stripes,
  checkers,
  uniformNoise,
  gaussianNoise,
  binaryNoise,
  lowPassNoise,
  pinkNoise,
  permutedPixels,
  scaledRays,
  letters,
  text,
  randomCppns,
];

/** @throws InputError where there is none of that name */
export function garbageNamed(name: string): GarbageSource {
  const found = GARBAGE.find((source) => source.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'source of garbage',
      name,
      GARBAGE.map((each) => each.name),
    ),
  );
}
