/** @file The genome of an image of few colors: a CPPN that says which color a pixel has, and the colors. */

import { InputError } from '../../errors.ts';
import { type CppnGenome, unpackCppn } from '../cppn/genome.ts';

/** A network of one output, which is the place in the palette, and the palette. */
export interface PaletteGenome {
  readonly network: CppnGenome;
  /** One after the other, a byte for each channel of the image. */
  readonly colors: Uint8Array;
  /** The whole genome: the network as CPPNs have it, then the colors. The other fields are views on it. */
  readonly bytes: Uint8Array;
}

/** Network and colors as a genome; both are copied. */
export function paletteGenome(network: CppnGenome, colors: Uint8Array): PaletteGenome {
  const bytes = new Uint8Array(network.bytes.length + colors.length);
  bytes.set(network.bytes);
  bytes.set(colors, network.bytes.length);
  return unpackPalette(bytes, colors.length);
}

/**
 * The genome that `bytes` hold.
 *
 * @param length bytes of the palette: colors times channels
 * @throws InputError where they are no such genome
 */
export function unpackPalette(bytes: Uint8Array, length: number): PaletteGenome {
  if (bytes.length < length) {
    throw new InputError(
      `${bytes.length} bytes are not a genome with a palette: take them from a run with this encoding`,
    );
  }
  const end = bytes.length - length;
  return { network: unpackCppn(bytes.subarray(0, end), 1), colors: bytes.subarray(end), bytes };
}
