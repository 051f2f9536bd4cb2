/** @file What every encoding of images as genomes can do. */

import type { ImageShape } from '../image/images.ts';
import type { Random } from '../random/random.ts';

/**
 * A way to write an image as a genome.
 *
 * `Genome` is immutable once made. At rest (in the archive, in a checkpoint, on its way to a worker thread) a genome is
 * bytes: `unpack(pack(genome))` renders and mutates exactly like `genome`.
 */
export interface Encoding<Genome = unknown> {
  readonly name: EncodingName;
  readonly shape: ImageShape;
  /** A genome of the first population. */
  random(random: Random): Genome;
  /**
   * A mutated copy.
   *
   * @param generation the generation the child belongs to (0 is the random population); mutation rates may follow it
   */
  mutate(parent: Genome, random: Random, generation: number): Genome;
  /**
   * Renders genomes to 8-bit images.
   *
   * @param images receives `genomes.length x channels x height x width` values
   */
  render(genomes: readonly Genome[], images: Uint8Array): void;
  /** The genome as bytes: a view on the genome itself, so copy before changing them or giving their memory away. */
  pack(genome: Genome): Uint8Array;
  /**
   * The counterpart of {@link pack}; may look at `bytes` without a copy, so they must not change afterwards.
   *
   * @throws InputError where the bytes are not a genome of this encoding and shape
   */
  unpack(bytes: Uint8Array): Genome;
}

export type EncodingName = 'direct' | 'cppn';
