/** @file An encoding of one's own: images of a few large blocks, each of one grey or color. */

import {
  defineEncoding,
  type GenomeDocument,
  type ImageShape,
  InputError,
  imageSize,
  type Random,
  type VectorEncoding,
  z,
} from '@pareidolia/core';

/** A value in [0, 1] for each channel and block, by rows. */
type Blocks = Float32Array;

/** Since its genomes are vectors, every variation of vectors works on it. */
class BlockEncoding implements VectorEncoding<Blocks> {
  readonly name = 'blocks';
  readonly shape: ImageShape;
  readonly dimension: number;
  readonly #across: number;

  constructor(shape: ImageShape, across: number) {
    this.shape = shape;
    this.dimension = shape.channels * across * across;
    this.#across = across;
  }

  random(random: Random): Blocks {
    return Float32Array.from({ length: this.dimension }, () => random.uniform());
  }

  render(genomes: readonly Blocks[], images: Uint8Array): void {
    const { channels, height, width } = this.shape;
    const across = this.#across;
    genomes.forEach((genome, index) => {
      let at = index * imageSize(this.shape);
      for (let channel = 0; channel < channels; channel++) {
        for (let y = 0; y < height; y++) {
          const row = channel * across + Math.floor((y * across) / height);
          for (let x = 0; x < width; x++) {
            images[at++] = Math.round(255 * genome[row * across + Math.floor((x * across) / width)]!);
          }
        }
      }
    });
  }

  pack(genome: Blocks): Uint8Array {
    return new Uint8Array(genome.buffer, genome.byteOffset, genome.byteLength);
  }

  unpack(bytes: Uint8Array): Blocks {
    if (bytes.length !== 4 * this.dimension) {
      throw new InputError(`A genome of ${this.dimension} blocks has ${4 * this.dimension} bytes, not ${bytes.length}`);
    }
    // Copied: the numbers need not begin at a multiple of four.
    return new Float32Array(bytes.slice().buffer);
  }

  document(genome: Blocks): GenomeDocument {
    return { kind: 'json', value: { blocks: [...genome] } };
  }

  toVector(genome: Blocks): Float32Array {
    return genome.slice();
  }

  fromVector(vector: Float32Array): Blocks {
    return vector.map((value) => Math.min(1, Math.max(0, value)));
  }
}

export const blocks = defineEncoding({
  name: 'blocks',
  summary: 'large blocks, each of one grey or color',
  explanation: 'Each image is a chessboard of blocks.',
  settings: z.object({ across: z.int().min(1).max(64).default(7).describe('blocks along each side') }),
  create: (shape, { across }) => new BlockEncoding(shape, across),
});
