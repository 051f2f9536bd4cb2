/** @file The encoding by compositional pattern-producing networks: regular images, of any resolution. */

import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { type ImageShape, imageSize } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';
import { resolveSettings, type Settings } from '../../settings/settings.ts';
import type { Encoding } from '../encoding.ts';
import { defineEncoding } from '../kind.ts';
import { toCppnDocument } from './document.ts';
import { ACTIVATIONS, blankCppn, type CppnGenome, INPUTS, LARGEST_WEIGHT, unpackCppn } from './genome.ts';
import { renderCppn } from './render.ts';

/**
 * The range of the weights. The paper does not say how weights begin: 3 is the range of Picbreeder. From the whole range
 * of 10, one search in five leaves some digit's image below 99.9 % after 200 generations, from 3 one in thirteen.
 */
export const CPPN_SETTINGS = z.object({
  weightLimit: z.number().gt(0).max(LARGEST_WEIGHT).default(10).describe('weights are in -weightLimit .. weightLimit'),
  newWeight: z
    .number()
    .gt(0)
    .max(LARGEST_WEIGHT)
    .default(3)
    .describe('new weights are uniform in -newWeight .. newWeight'),
});

/** How far the weights of CPPNs reach. */
export type CppnSettings = z.output<typeof CPPN_SETTINGS>;

/** An encoding of CPPNs, which also tells how far weights reach. */
export interface CppnEncoding extends Encoding<CppnGenome> {
  readonly settings: CppnSettings;
}

/** Whether genomes of an encoding are CPPNs. */
export function isCppnEncoding(encoding: Encoding): encoding is CppnEncoding {
  return encoding.name === 'cppn' && 'settings' in encoding;
}

/**
 * CPPNs as in the paper (Nguyen, Yosinski and Clune 2015, section 2.3; Picbreeder, Secretan et al. 2011). Inputs are x
 * and y in [-1, 1], the distance d = sqrt(x^2 + y^2) from the center, and 1; the released code gives raw pixel indices
 * for x and y, with which results depend on the resolution. A grey pixel is 255 |out|, a color pixel has |out| as hue,
 * saturation and value, each at most 1.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function cppnEncoding(shape: ImageShape, changes: Settings = {}): CppnEncoding {
  const settings = resolveSettings('cppn', CPPN_SETTINGS, changes);
  if (settings.newWeight > settings.weightLimit) {
    throw new InputError(
      `newWeight of cppn is ${settings.newWeight}; give at most weightLimit, which is ${settings.weightLimit}`,
    );
  }
  return new NetworkEncoding(shape, settings);
}

/** The CPPN encoding as it is chosen by name. */
export const cppn = defineEncoding({
  name: 'cppn',
  summary: 'a small network of smooth functions that draws the image',
  explanation: 'Each image is drawn by a small network of smooth functions (a CPPN).',
  settings: CPPN_SETTINGS,
  create: cppnEncoding,
});

class NetworkEncoding implements CppnEncoding {
  readonly name = 'cppn';
  readonly shape: ImageShape;
  readonly settings: CppnSettings;

  constructor(shape: ImageShape, settings: CppnSettings) {
    this.shape = shape;
    this.settings = settings;
  }

  /** Every input linked to every output, no hidden node; functions are drawn uniformly. */
  random(random: Random): CppnGenome {
    const outputs = this.shape.channels;
    const genome = blankCppn(outputs, outputs, outputs * INPUTS.length);
    genome.linkCounts.fill(INPUTS.length);
    for (let output = 0; output < outputs; output++) genome.activations[output] = drawActivation(random);
    for (let link = 0; link < genome.weights.length; link++) {
      genome.sources[link] = link % INPUTS.length;
      genome.weights[link] = drawWeight(this.settings, random);
    }
    return genome;
  }

  render(genomes: readonly CppnGenome[], images: Uint8Array): void {
    const size = imageSize(this.shape);
    genomes.forEach((genome, index) => {
      renderCppn(genome, this.shape, images.subarray(index * size, (index + 1) * size));
    });
  }

  pack(genome: CppnGenome): Uint8Array {
    return genome.bytes;
  }

  unpack(bytes: Uint8Array): CppnGenome {
    return unpackCppn(bytes, this.shape.channels);
  }

  document(genome: CppnGenome) {
    return { kind: 'json', value: toCppnDocument(genome) } as const;
  }
}

/** An index into {@link ACTIVATIONS}, uniform. */
export function drawActivation(random: Random): number {
  return random.integer(ACTIVATIONS.length);
}

/** Uniform in `-newWeight .. newWeight`. */
export function drawWeight({ newWeight }: CppnSettings, random: Random): number {
  return newWeight * (2 * random.uniform() - 1);
}
