/** @file The direct encoding: one gene for each value of the image (Nguyen, Yosinski and Clune 2015, section 2.2). */

import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import { BAND, FREE, OUT, sharedKernel } from '../kernel/kernel.ts';
import type { Random } from '../random/random.ts';
import { NO_SETTINGS } from '../settings/settings.ts';
import type { VectorEncoding } from './encoding.ts';
import { defineEncoding } from './kind.ts';
import { hsvGradient, writeHsv } from './levels.ts';

/**
 * Genes in the order of the image's values, `channels x height x width`: grey, or planes of hue, saturation and value.
 * The gene in [0, 1] is held in steps of 1/65535: 257 steps to a level of the image, and only one mutation in 8,000 is
 * too small to be seen in it, at a quarter of the memory of doubles (1000 color images of 256 x 256 take 393 MB).
 */
export type DirectGenome = Uint16Array;

const TOP = 65535;
/** What a gene counts in, as single precision has it. */
const STEP = Math.fround(1 / TOP);

/**
 * Genes start uniform on [0, 1]. A grey pixel is 255 times its gene, rounded; a color pixel is three genes, hue,
 * saturation and value (the paper's released code has hue, lightness and saturation).
 */
export function directEncoding(shape: ImageShape): VectorEncoding<DirectGenome> {
  return new DirectEncoding(shape);
}

/** The direct encoding as it is chosen by name. */
export const direct = defineEncoding({
  name: 'direct',
  summary: 'a gene for each pixel value, in grey or in hue, saturation and value',
  explanation: 'Each image has a gene for every pixel value, and began as random pixels.',
  settings: NO_SETTINGS,
  create: directEncoding,
});

class DirectEncoding implements VectorEncoding<DirectGenome> {
  readonly name = 'direct';
  readonly shape: ImageShape;
  readonly dimension: number;

  constructor(shape: ImageShape) {
    this.shape = shape;
    this.dimension = imageSize(shape);
  }

  random(random: Random): DirectGenome {
    const genes = new Uint16Array(this.dimension);
    for (let i = 0; i < genes.length; i++) genes[i] = random.uint32() >>> 16;
    return genes;
  }

  render(genomes: readonly DirectGenome[], images: Uint8Array): void {
    const size = this.dimension;
    genomes.forEach((genes, index) => {
      renderDirect(genes, this.shape.channels, images.subarray(index * size, (index + 1) * size));
    });
  }

  /** The genes, low byte first, as on every machine that has ONNX Runtime; a view, since genomes never change. */
  pack(genome: DirectGenome): Uint8Array {
    return new Uint8Array(genome.buffer, genome.byteOffset, genome.byteLength);
  }

  unpack(bytes: Uint8Array): DirectGenome {
    if (bytes.length !== 2 * this.dimension) {
      const { channels, height, width } = this.shape;
      throw new InputError(
        `A direct genome of ${channels} x ${height} x ${width} has ${2 * this.dimension} bytes, this one ${bytes.length}: take it from a run on images of that shape`,
      );
    }
    // Not by slice(), which makes only a view where it is Node's Buffer.
    const aligned = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
    return new Uint16Array(aligned.buffer, aligned.byteOffset, this.dimension);
  }

  document() {
    return { kind: 'file', extension: 'genes', type: 'uint16 little-endian' } as const;
  }

  toVector(genome: DirectGenome): Float32Array {
    // Not by from(), which takes many times as long.
    const vector = new Float32Array(genome.length);
    for (let i = 0; i < vector.length; i++) vector[i] = genome[i]! / TOP;
    return vector;
  }

  fromVector(vector: Float32Array): DirectGenome {
    const genome = new Uint16Array(vector.length);
    // Storing cuts the fraction off, so that this rounds.
    for (let i = 0; i < vector.length; i++) genome[i] = TOP * Math.min(1, Math.max(0, vector[i]!)) + 0.5;
    return genome;
  }

  vectorGradient(genome: DirectGenome, pixels: Float32Array, into: Float32Array): void {
    if (this.shape.channels === 1) into.set(pixels);
    else hsvGradient(this.toVector(genome), pixels, into);
  }
}

function renderDirect(genes: DirectGenome, channels: 1 | 3, image: Uint8Array): void {
  const pixels = genes.length / channels;
  const kernel = sharedKernel();
  kernel.reserve(FREE + 2 * BAND * channels);
  for (let first = 0; first < pixels; first += BAND) {
    const count = Math.min(BAND, pixels - first);
    for (let channel = 0; channel < channels; channel++) {
      const from = channel * pixels + first;
      kernel.halves.set(genes.subarray(from, from + count), FREE / 2 + channel * BAND);
    }
    if (channels === 1) kernel.run.renderDirectGrey(FREE, OUT, count);
    else kernel.run.renderDirectColor(FREE, OUT, BAND, count);
    kernel.copyOut(channels, first, count, image);
  }
}

/** The readable twin of the kernel, which gives the same bytes. */
export function renderDirectPlain(genes: DirectGenome, channels: 1 | 3, image: Uint8Array): void {
  const pixels = genes.length / channels;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (channels === 1) {
      image[pixel] = Math.round(genes[pixel]! / 257);
    } else {
      const unit = (plane: number): number => Math.fround(genes[pixel + plane * pixels]! * STEP);
      writeHsv(unit(0), unit(1), unit(2), image, pixel, pixels);
    }
  }
}
