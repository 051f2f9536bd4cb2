/** @file Mutation of genomes with a palette: the network as CPPNs do, and the colors by themselves. */

import { z } from 'zod';
import { type PaletteGenome, paletteGenome } from '../encoding/palette/genome.ts';
import { isPaletteEncoding, type PaletteEncoding } from '../encoding/palette/palette.ts';
import type { Random } from '../random/random.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { CPPN_STRUCTURE_SETTINGS, cppnStructureOf } from './cppn-structure.ts';
import { polynomialStep } from './polynomial.ts';
import { defineVariation, type Variation } from './variation.ts';

const chance = z.number().min(0).max(1);

/** The settings of CPPNs, and chances of each change of colors. */
export const PALETTE_MUTATION_SETTINGS = CPPN_STRUCTURE_SETTINGS.extend({
  mutateColor: chance.default(0.1).describe('chance, per color, that red, green and blue each take a polynomial step'),
  redrawColor: chance.default(0.1).describe('chance, per child, that one color is drawn again'),
  swapColors: chance.default(0.05).describe('chance, per child, that two colors change places'),
});

/**
 * Mutated copies.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function paletteMutationOf(encoding: PaletteEncoding, changes: Settings = {}): Variation<PaletteGenome> {
  const settings = resolveSettings('palette-mutation', PALETTE_MUTATION_SETTINGS, changes);
  const { mutateColor, redrawColor, swapColors, ...structure } = settings;
  const networks = cppnStructureOf(encoding.networks, structure);
  const step = polynomialStep(settings.eta);
  const { channels } = encoding.shape;
  return {
    parents: 1,
    apply([parent], random, generation) {
      const network = networks.apply([parent!.network], random, generation);
      const colors = parent!.colors.slice();
      const count = colors.length / channels;
      for (let color = 0; color < count; color++) {
        if (random.uniform() >= mutateColor) continue;
        for (let at = color * channels; at < (color + 1) * channels; at++) colors[at] = moved(colors[at]!, random);
      }
      if (random.uniform() < redrawColor) {
        const first = channels * random.integer(count);
        for (let part = 0; part < channels; part++) colors[first + part] = random.integer(256);
      }
      if (random.uniform() < swapColors) swap(colors, channels, random.integer(count), random.integer(count));
      return paletteGenome(network, colors);
    },
  };

  /** A step of the gene in [0, 1]. */
  function moved(part: number, random: Random): number {
    return Math.round(255 * Math.max(0, Math.min(1, part / 255 + step(random))));
  }
}

function swap(colors: Uint8Array, channels: number, one: number, other: number): void {
  for (let part = 0; part < channels; part++) {
    const [a, b] = [one * channels + part, other * channels + part];
    [colors[a], colors[b]] = [colors[b]!, colors[a]!];
  }
}

/** The mutation of palettes as it is chosen by name. */
export const paletteMutation = defineVariation({
  name: 'palette-mutation',
  summary: 'weights, functions, links and nodes of a CPPN, and the colors that it chooses from',
  settings: PALETTE_MUTATION_SETTINGS,
  fits: isPaletteEncoding,
  create: paletteMutationOf,
});
