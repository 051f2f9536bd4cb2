/** @file The encoding by compositional pattern-producing networks: regular images, of any resolution. */

import { type ImageShape, imageSize } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';
import type { Encoding } from '../encoding.ts';
import { type CppnGenome, unpackCppn } from './genome.ts';
import { CPPN_DEFAULTS, CppnMutation, type CppnOptions } from './mutation.ts';
import { renderCppn } from './render.ts';

/**
 * CPPNs as in the paper (Nguyen, Yosinski and Clune 2015, section 2.3; Picbreeder, Secretan et al. 2011). Inputs are x
 * and y in [-1, 1], the distance d = sqrt(x^2 + y^2) from the centre, and 1; the released code gives raw pixel indices
 * for x and y, with which results depend on the resolution. A grey pixel is 255 |out|, a color pixel has |out| as hue,
 * saturation and value, each at most 1.
 *
 * @throws InputError where an option is out of range
 */
export function cppnEncoding(shape: ImageShape, options: Partial<CppnOptions> = {}): Encoding<CppnGenome> {
  return new CppnEncoding(shape, new CppnMutation({ ...CPPN_DEFAULTS, ...options }));
}

class CppnEncoding implements Encoding<CppnGenome> {
  readonly name = 'cppn';
  readonly shape: ImageShape;
  readonly #mutation: CppnMutation;

  constructor(shape: ImageShape, mutation: CppnMutation) {
    this.shape = shape;
    this.#mutation = mutation;
  }

  random(random: Random): CppnGenome {
    return this.#mutation.random(this.shape.channels, random);
  }

  /** The rates are the same in every generation. */
  mutate(parent: CppnGenome, random: Random): CppnGenome {
    return this.#mutation.mutate(parent, random);
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
}
