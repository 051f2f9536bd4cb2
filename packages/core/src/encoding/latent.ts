/** @file The encoding whose genomes are latent vectors of a generator: images that look like those it was trained on. */

import { z } from 'zod';
import { InputError } from '../errors.ts';
import { Decoder, type DecoderSpec } from '../generator/decoder.ts';
import { drawLatent, usualSize } from '../generator/latent-space.ts';
import type { ImageShape } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Encoding, VectorEncoding } from './encoding.ts';
import { defineEncoding } from './kind.ts';

/** A latent vector, as the generator takes it. */
export type LatentGenome = Float32Array;

/** What keeps latents where the generator has been trained. */
export const LATENT_SETTINGS = z.object({
  reach: z
    .number()
    .gt(0)
    .max(100)
    .default(3)
    .describe('how far a number of N(0, 1) may lie from 0; uniform ones end at -1 and 1'),
  norm: z
    .number()
    .gt(0)
    .default(1.2)
    .describe('the largest length of a latent vector, in units of the usual one; longer ones are shortened'),
});

/** What {@link latentEncoding} is made of. */
export interface LatentOptions {
  /** A decoder to the shape of the images. */
  readonly decoder: DecoderSpec;
  readonly runtime: Runtime;
  /** Numbers of a normal latent lie within so far of 0. */
  readonly reach: number;
  /** Vectors are no longer than this, in units of the usual length. */
  readonly norm: number;
}

/** An encoding by latents, with what gradient ascent needs of it. */
export interface LatentEncoding extends VectorEncoding<LatentGenome> {
  readonly name: 'latent';
  readonly decoder: DecoderSpec;
  /**
   * Brings a vector in place to where the prior allows it: each number within the reach, the whole no longer than the norm.
   *
   * @returns the vector
   */
  hold(latent: Float32Array): Float32Array;
}

/** Whether genomes of an encoding are latents of a generator. */
export function isLatentEncoding(encoding: Encoding): encoding is LatentEncoding & Encoding {
  return encoding.name === 'latent' && 'decoder' in encoding && 'hold' in encoding;
}

/**
 * Genomes start by the law of the generator's latents. The usual length of a vector of `d` numbers is the root of `d` for N(0, 1), and of
 * `d / 3` for the uniform law; nearly all vectors drawn are about as long (for `d` = 64, 99 % are below 1.21 times that), and those that
 * are much longer or shorter give images unlike any in training. The bound on the length is the prior of the search, as the penalty
 * on the code is in Nguyen et al. 2016 (arXiv 1605.09304).
 */
export function latentEncoding(options: LatentOptions): LatentEncoding {
  return new Latents(options);
}

class Latents implements LatentEncoding {
  readonly name = 'latent';
  readonly shape: ImageShape;
  readonly dimension: number;
  readonly decoder: DecoderSpec;
  readonly #decoder: Decoder;
  readonly #reach: number;
  readonly #longest: number;

  constructor({ decoder, runtime, reach, norm }: LatentOptions) {
    const { latents, shape } = decoder;
    this.decoder = decoder;
    this.shape = shape;
    this.dimension = latents.dimension;
    this.#decoder = new Decoder(decoder, runtime);
    this.#reach = latents.distribution === 'normal' ? reach : 1;
    this.#longest = norm * usualSize(latents) * Math.sqrt(latents.dimension);
  }

  random(random: Random): LatentGenome {
    return this.hold(drawLatent(this.decoder.latents, random));
  }

  render(genomes: readonly LatentGenome[], images: Uint8Array): Promise<void> {
    return this.#decoder.decode(genomes, images);
  }

  /** The numbers, low byte first, as on every machine that has ONNX Runtime; a view, since genomes never change. */
  pack(genome: LatentGenome): Uint8Array {
    return new Uint8Array(genome.buffer, genome.byteOffset, genome.byteLength);
  }

  unpack(bytes: Uint8Array): LatentGenome {
    if (bytes.length !== 4 * this.dimension) {
      throw new InputError(
        `A latent genome of ${this.dimension} numbers has ${4 * this.dimension} bytes, this one ${bytes.length}: take it from a run with the same generator`,
      );
    }
    // Not by slice(), which makes only a view where it is Node's Buffer.
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    const latent = new Float32Array(aligned.buffer, aligned.byteOffset, this.dimension);
    if (!latent.every(Number.isFinite)) {
      throw new InputError('A latent genome holds a number that is not finite: the file is damaged');
    }
    return latent;
  }

  document(genome: LatentGenome) {
    return { kind: 'json', value: Array.from(genome) } as const;
  }

  toVector(genome: LatentGenome): Float32Array {
    return genome.map((value) => Math.min(1, Math.max(0, (value / this.#reach + 1) / 2)));
  }

  fromVector(vector: Float32Array): LatentGenome {
    return this.hold(vector.map((value) => this.#reach * (2 * value - 1)));
  }

  hold(latent: Float32Array): Float32Array {
    let squares = 0;
    for (let i = 0; i < latent.length; i++) {
      latent[i] = Math.min(this.#reach, Math.max(-this.#reach, latent[i]!));
      squares += latent[i]! * latent[i]!;
    }
    const length = Math.sqrt(squares);
    if (length > this.#longest) for (let i = 0; i < latent.length; i++) latent[i]! *= this.#longest / length;
    return latent;
  }

  dispose(): Promise<void> {
    return this.#decoder.dispose();
  }
}

/** The encoding by latents as it is chosen by name. */
export const latent = defineEncoding({
  name: 'latent',
  summary: 'a latent vector of a generator, whose image it is (needs --generator)',
  explanation: 'Each image is what a generator makes of a vector of numbers, and began as a random vector.',
  settings: LATENT_SETTINGS,
  needs: 'generator',
  create: (shape, settings, { decoder, runtime }) => {
    if (decoder === undefined || runtime === undefined) {
      throw new InputError('The encoding latent needs a generator; give its file with --generator');
    }
    const { channels, height, width } = decoder.shape;
    if (channels !== shape.channels || height !== shape.height || width !== shape.width) {
      throw new InputError(
        `${decoder.where} was opened for images of ${channels} x ${height} x ${width}, and the search is for ${shape.channels} x ${shape.height} x ${shape.width}; open it for these`,
      );
    }
    return latentEncoding({ decoder, runtime, ...settings });
  },
});
