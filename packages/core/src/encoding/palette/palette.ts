/** @file CPPNs with a palette: regular images of few colors, which evolve beside the network. */

import { z } from 'zod';
import { type ImageShape, imageSize } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';
import { resolveSettings, type Settings } from '../../settings/settings.ts';
import { CPPN_SETTINGS, type CppnEncoding, cppnEncoding } from '../cppn/cppn.ts';
import { renderCppn } from '../cppn/render.ts';
import type { Encoding } from '../encoding.ts';
import { defineEncoding } from '../kind.ts';
import { toPaletteDocument } from './document.ts';
import { type PaletteGenome, paletteGenome, unpackPalette } from './genome.ts';

/** How many colors an image has, and how far weights reach. */
export const PALETTE_SETTINGS = CPPN_SETTINGS.extend({
  colors: z.int().min(2).max(64).default(5).describe('colors of an image'),
});

/** An encoding with palettes, which also knows that of the networks that choose from them. */
export interface PaletteEncoding extends Encoding<PaletteGenome> {
  readonly name: 'palette';
  /** Of the networks: CPPNs with one output. */
  readonly networks: CppnEncoding;
}

/** Whether genomes of an encoding have a palette. */
export function isPaletteEncoding(encoding: Encoding): encoding is PaletteEncoding & Encoding {
  return encoding.name === 'palette' && 'networks' in encoding;
}

/**
 * A CPPN as in {@link cppnEncoding}, with the one output that grey images have, decides for each pixel which color of the palette it has: the
 * one at the place `floor(k level / 256)` of `k`, where `level` is what would be the grey, 255 |out| rounded. Colors are red, green and
 * blue in 256 steps, in grey images one grey; they begin at random.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function paletteEncoding(shape: ImageShape, changes: Settings = {}): PaletteEncoding {
  const { colors, ...weights } = resolveSettings('palette', PALETTE_SETTINGS, changes);
  const { channels, height, width } = shape;
  const networks = cppnEncoding({ channels: 1, height, width }, weights);
  const length = colors * channels;
  return {
    name: 'palette',
    shape,
    networks,
    random: (random: Random) => {
      const network = networks.random(random);
      return paletteGenome(
        network,
        Uint8Array.from({ length }, () => random.integer(256)),
      );
    },
    render: (genomes, images) => {
      const places = new Uint8Array(height * width);
      const size = imageSize(shape);
      genomes.forEach((genome, index) => {
        renderCppn(genome.network, networks.shape, places);
        paint(places, genome.colors, channels, images.subarray(index * size, (index + 1) * size));
      });
    },
    pack: ({ bytes }) => bytes,
    unpack: (bytes) => unpackPalette(bytes, length),
    document: (genome) => ({ kind: 'json', value: toPaletteDocument(genome, channels) }),
  };
}

/** Gives each pixel its color, plane by plane. */
function paint(levels: Uint8Array, colors: Uint8Array, channels: 1 | 3, image: Uint8Array): void {
  const count = colors.length / channels;
  const table = new Uint8Array(256);
  for (let channel = 0; channel < channels; channel++) {
    for (let level = 0; level < 256; level++) table[level] = colors[((level * count) >> 8) * channels + channel]!;
    const first = channel * levels.length;
    for (let pixel = 0; pixel < levels.length; pixel++) image[first + pixel] = table[levels[pixel]!]!;
  }
}

/** The encoding with palettes as it is chosen by name. */
export const palette = defineEncoding({
  name: 'palette',
  summary: 'a CPPN that chooses from few colors, which evolve with it',
  explanation: 'Each image is drawn by a small network of smooth functions (a CPPN) in few colors of its own.',
  settings: PALETTE_SETTINGS,
  create: paletteEncoding,
});
