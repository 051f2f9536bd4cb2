/** @file All encodings, by name. A new one is a file beside this one, and a line here. */

import { InputError } from '../errors.ts';
import type { DecoderSpec } from '../generator/decoder.ts';
import type { ImageShape } from '../image/images.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { unknownName } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';
import { cppn } from './cppn/cppn.ts';
import { dct } from './dct.ts';
import { direct } from './direct.ts';
import type { Encoding } from './encoding.ts';
import { fourier } from './fourier.ts';
import { growing } from './growing.ts';
import type { EncodingKind } from './kind.ts';
import { latent } from './latent.ts';
import { neat } from './neat/neat.ts';
import { palette } from './palette/palette.ts';
import { pixels } from './pixels.ts';

/** In the order in which they are listed. */
export const ENCODINGS: readonly EncodingKind[] = [cppn, neat, palette, direct, growing, fourier, dct, pixels, latent];

/** @throws InputError where there is none of that name */
export function encodingNamed(name: string): EncodingKind {
  const found = ENCODINGS.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'encoding',
      name,
      ENCODINGS.map((each) => each.name),
    ),
  );
}

/** Something chosen from a registry, as plain data: it can be written down and sent to another thread. */
export interface Choice {
  readonly name: string;
  /** Settings by name; those left out have their defaults. */
  readonly settings: Settings;
}

/** An encoding as plain data. */
export interface EncodingSpec extends Choice {
  readonly shape: ImageShape;
  /** The generator of the encoding `latent`. */
  readonly decoder?: DecoderSpec | undefined;
}

/**
 * @param runtime what runs a generator, where the encoding has one
 * @throws InputError where the name is unknown, a setting is unknown or out of range, or a generator is missing
 */
export function createEncoding({ name, shape, settings, decoder }: EncodingSpec, runtime?: Runtime): Encoding {
  return encodingNamed(name).create(shape, settings, { decoder, runtime });
}
