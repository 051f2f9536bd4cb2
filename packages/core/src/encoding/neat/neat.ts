/** @file The encoding by CPPNs with historical markings, for NEAT. */

import { InputError } from '../../errors.ts';
import { type ImageShape, imageSize } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';
import { resolveSettings, type Settings } from '../../settings/settings.ts';
import { CPPN_SETTINGS, type CppnSettings, drawActivation, drawWeight } from '../cppn/cppn.ts';
import { toCppnDocument } from '../cppn/document.ts';
import { INPUTS } from '../cppn/genome.ts';
import { renderCppn } from '../cppn/render.ts';
import type { Encoding } from '../encoding.ts';
import { defineEncoding } from '../kind.ts';
import { express } from './express.ts';
import { compareLinks, FIRST_OUTPUT, type NeatGenome, packNeat, unpackNeat } from './genome.ts';

/** An encoding of CPPNs with markings, which also tells how far weights reach. */
export interface NeatEncoding extends Encoding<NeatGenome> {
  readonly name: 'neat';
  readonly settings: CppnSettings;
}

/** Whether genomes of an encoding are CPPNs with markings. */
export function isNeatEncoding(encoding: Encoding): encoding is NeatEncoding & Encoding {
  return encoding.name === 'neat' && 'settings' in encoding;
}

/**
 * CPPNs as `cppnEncoding` has them, and the same first networks, with historical markings (Stanley and Miikkulainen 2002, section 3.2).
 * A genome is written down as the network that it makes, which the encoding `cppn` reads.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function neatEncoding(shape: ImageShape, changes: Settings = {}): NeatEncoding {
  const settings = resolveSettings('neat', CPPN_SETTINGS, changes);
  if (settings.newWeight > settings.weightLimit) {
    throw new InputError(
      `newWeight of neat is ${settings.newWeight}; give at most weightLimit, which is ${settings.weightLimit}`,
    );
  }
  return {
    name: 'neat',
    shape,
    settings,
    /** Every input linked to every output, no hidden node: NEAT starts minimally. */
    random(random: Random): NeatGenome {
      const outputs = shape.channels;
      return {
        outputs,
        hidden: [],
        outputActivations: Array.from({ length: outputs }, () => drawActivation(random)),
        links: Array.from({ length: outputs * INPUTS.length }, (_, i) => ({
          source: i % INPUTS.length,
          target: FIRST_OUTPUT + Math.floor(i / INPUTS.length),
          // As they come back from their bytes.
          weight: Math.fround(drawWeight(settings, random)),
          isOn: true,
        })).sort(compareLinks),
      };
    },
    render(genomes, images) {
      const size = imageSize(shape);
      genomes.forEach((genome, index) => {
        renderCppn(express(genome), shape, images.subarray(index * size, (index + 1) * size));
      });
    },
    pack: packNeat,
    unpack: (bytes) => unpackNeat(bytes, shape.channels),
    document: (genome) => ({ kind: 'json', value: toCppnDocument(express(genome)) }),
  };
}

/** CPPNs with historical markings, as they are chosen by name. */
export const neat = defineEncoding({
  name: 'neat',
  summary: 'CPPNs whose genes have historical markings, for the emitter neat',
  explanation:
    'Each image is drawn by a small network of smooth functions (a CPPN), whose genes are marked by their origin.',
  settings: CPPN_SETTINGS,
  create: neatEncoding,
});
