/** @file The encoding whose genome is the 8-bit image itself. */

import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { NO_SETTINGS } from '../settings/settings.ts';
import type { VectorEncoding } from './encoding.ts';
import { defineEncoding } from './kind.ts';

/** The values of an image, `channels x height x width`, 0 .. 255. */
export type PixelGenome = Uint8Array;

class PixelEncoding implements VectorEncoding<PixelGenome> {
  readonly name = 'pixels';
  readonly shape: ImageShape;
  readonly dimension: number;

  constructor(shape: ImageShape) {
    this.shape = shape;
    this.dimension = imageSize(shape);
  }

  random(random: Random): PixelGenome {
    const image = new Uint8Array(this.dimension);
    for (let i = 0; i < image.length; i++) image[i] = random.uint32() >>> 24;
    return image;
  }

  render(genomes: readonly PixelGenome[], images: Uint8Array): void {
    genomes.forEach((genome, index) => {
      images.set(genome, index * this.dimension);
    });
  }

  pack(genome: PixelGenome): Uint8Array {
    return genome;
  }

  unpack(bytes: Uint8Array): PixelGenome {
    if (bytes.length === this.dimension) return bytes;
    const { channels, height, width } = this.shape;
    throw new InputError(
      `An image of ${channels} x ${height} x ${width} has ${this.dimension} bytes, this genome ${bytes.length}: take it from a run on images of that shape`,
    );
  }

  document() {
    return { kind: 'image' } as const;
  }

  toVector(genome: PixelGenome): Float32Array {
    // Not by from(), which takes many times as long.
    const vector = new Float32Array(genome.length);
    for (let i = 0; i < vector.length; i++) vector[i] = genome[i]! / 255;
    return vector;
  }

  fromVector(vector: Float32Array): PixelGenome {
    const genome = new Uint8Array(vector.length);
    // Storing cuts the fraction off, so that this rounds.
    for (let i = 0; i < vector.length; i++) genome[i] = 255 * Math.min(1, Math.max(0, vector[i]!)) + 0.5;
    return genome;
  }

  vectorGradient(_: PixelGenome, pixels: Float32Array, into: Float32Array): void {
    into.set(pixels);
  }
}

/** Images as they are: for gradient ascent, and for vector methods in red, green and blue. */
export function pixelEncoding(shape: ImageShape): VectorEncoding<PixelGenome> {
  return new PixelEncoding(shape);
}

/** The 8-bit image as its own genome, as it is chosen by name. */
export const pixels = defineEncoding({
  name: 'pixels',
  summary: 'the 8-bit image itself; what gradient ascent works on',
  explanation: 'Each image is its own genome.',
  settings: NO_SETTINGS,
  create: pixelEncoding,
});
