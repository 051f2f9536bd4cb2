/** @file What every encoding of images as genomes can do. */

import type { ImageShape } from '../image/images.ts';
import type { Random } from '../random/random.ts';

/**
 * A way to write an image as a genome.
 *
 * `Genome` is immutable once made. At rest (in the archive, in a checkpoint, on its way to a worker thread) a genome is
 * bytes: `unpack(pack(genome))` renders and varies exactly like `genome`.
 */
export interface Encoding<Genome = unknown> {
  /** As in the registry and on the command line, for example `cppn`. */
  readonly name: string;
  /** Of the images that it renders. */
  readonly shape: ImageShape;
  /** A genome of the first population. */
  random(random: Random): Genome;
  /**
   * Renders genomes to 8-bit images. Where a network renders, as that of the encoding `latent`, it takes a promise; await it in any
   * case.
   *
   * @param images receives `genomes.length x channels x height x width` values
   */
  render(genomes: readonly Genome[], images: Uint8Array): void | Promise<void>;
  /** Frees what it renders with, where that is more than memory. */
  dispose?(): Promise<void>;
  /** The genome as bytes: a view on the genome itself, so copy before changing them or giving their memory away. */
  pack(genome: Genome): Uint8Array;
  /**
   * The counterpart of {@link pack}; may look at `bytes` without a copy, so they must not change afterwards.
   *
   * @throws InputError where the bytes are not a genome of this encoding and shape
   */
  unpack(bytes: Uint8Array): Genome;
  /** How the genome is saved beside its image. */
  document(genome: Genome): GenomeDocument;
}

/** A genome for people and other programs. */
export type GenomeDocument =
  /** Plain JSON, which a person can read and edit. */
  | { readonly kind: 'json'; readonly value: unknown }
  /** A file of its own beside the image: the packed genome, which is too large to read. */
  | { readonly kind: 'file'; readonly extension: string; readonly type: string }
  /** The image is the genome. */
  | { readonly kind: 'image' };

/** An encoding whose genomes are vectors of numbers in [0, 1], so that methods of vector optimization apply. */
export interface VectorEncoding<Genome = unknown> extends Encoding<Genome> {
  /** The length of the vectors. */
  readonly dimension: number;
  /** @returns `dimension` values in [0, 1] */
  toVector(genome: Genome): Float32Array;
  /**
   * The genome nearest to a vector.
   *
   * @param vector `dimension` values; those outside of [0, 1] are clipped. It is copied
   */
  fromVector(vector: Float32Array): Genome;
  /**
   * Carries a gradient with respect to pixels back to the vector. Rounding to 8 bits counts as the identity (the straight-through
   * estimator). Absent where the encoding has none of its own.
   *
   * @param pixels the derivatives with respect to the pixel values in [0, 1], `C x H x W`
   * @param into receives `dimension` derivatives with respect to the numbers of {@link toVector}
   */
  vectorGradient?(genome: Genome, pixels: Float32Array, into: Float32Array): void;
}

/** Whether genomes of the encoding are vectors. */
export function isVectorEncoding<Genome>(encoding: Encoding<Genome>): encoding is VectorEncoding<Genome> {
  return 'dimension' in encoding && 'toVector' in encoding && 'fromVector' in encoding;
}

/** A vector encoding that carries gradients with respect to pixels back to its vectors. */
export type DifferentiableEncoding<Genome = unknown> = VectorEncoding<Genome> &
  Required<Pick<VectorEncoding<Genome>, 'vectorGradient'>>;

/** Whether gradients can be carried back to the encoding's vectors. */
export function isDifferentiableEncoding<Genome>(
  encoding: Encoding<Genome>,
): encoding is DifferentiableEncoding<Genome> {
  return isVectorEncoding(encoding) && encoding.vectorGradient !== undefined;
}
