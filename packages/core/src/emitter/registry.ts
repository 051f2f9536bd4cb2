/** @file All emitters that search by themselves, by name. A new one is a file beside this one, and a line here. */

import { InputError } from '../errors.ts';
import { unknownName } from '../settings/names.ts';
import { cmaMaega } from './arborescence/cma-maega.ts';
import { cmaMega } from './arborescence/cma-mega.ts';
import { cmaMae } from './cma-es/cma-mae.ts';
import { cmaMe } from './cma-es/cma-me.ts';
import { cppnGradientEmitter } from './cppn-gradient/cppn-gradient.ts';
import { gaussianEmitter } from './gaussian.ts';
import { gradientAscent } from './gradient-ascent/gradient-ascent.ts';
import { gradientVariation } from './gradient-variation/gradient-variation.ts';
import { isoLineEmitter } from './iso-line.ts';
import type { EmitterKind } from './kind.ts';
import { leastCertain } from './least-certain.ts';
import { mutation } from './mutation.ts';
import { neatEmitter } from './neat.ts';
import { openAiEs } from './openai-es/emitter.ts';
import { patchesEmitter } from './patches.ts';
import { auto } from './portfolio/auto.ts';

/** In the order in which they are listed; the first is taken where the user chooses none. */
export const EMITTERS: readonly EmitterKind[] = [
  mutation,
  auto,
  leastCertain,
  gaussianEmitter,
  isoLineEmitter,
  patchesEmitter,
  cmaMe,
  cmaMae,
  openAiEs,
  neatEmitter,
  gradientVariation,
  cmaMega,
  cmaMaega,
  gradientAscent,
  cppnGradientEmitter,
];

/** Name of the emitter that is taken where the user chooses none. */
export const DEFAULT_EMITTER = EMITTERS[0]!.name;

/** @throws InputError where there is none of that name */
export function emitterNamed(name: string): EmitterKind {
  const found = EMITTERS.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'emitter',
      name,
      EMITTERS.map((each) => each.name),
    ),
  );
}
