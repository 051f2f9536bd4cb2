/** @file The direct encoding: one gene for each value of the image (Nguyen, Yosinski and Clune 2015, section 2.2). */

import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import type { Encoding } from './encoding.ts';
import { BAND, FREE, OUT, sharedKernel } from './kernel.ts';
import { writeHsv } from './levels.ts';
import { type PolynomialStep, polynomialStep } from './polynomial.ts';

/**
 * Genes in the order of the image's values, `channels x height x width`: grey, or planes of hue, saturation and value.
 * The gene in [0, 1] is held in steps of 1/65535: 257 steps to a level of the image, and only one mutation in 8,000 is
 * too small to be seen in it, at a quarter of the memory of doubles (1000 color images of 256 x 256 take 393 MB).
 */
export type DirectGenome = Uint16Array;

export interface DirectOptions {
  /** Chance of each gene to mutate, above 0 and at most 1. */
  readonly mutationRate: number;
  /** Distribution index of polynomial mutation. */
  readonly eta: number;
  /** The chance halves each time that many generations have passed; `Infinity` keeps it. */
  readonly halveEvery: number;
}

/** The paper's settings. Its released code never halves the rate. */
export const DIRECT_DEFAULTS: DirectOptions = { mutationRate: 0.1, eta: 15, halveEvery: 1000 };

const TOP = 65535;
/** What a gene counts in, as single precision has it. */
const STEP = Math.fround(1 / TOP);

/**
 * Genes start uniform on [0, 1] and mutate independently by polynomial mutation, clamped to [0, 1]. There is no
 * crossover, as in the paper; its released code has one. A grey pixel is 255 times its gene, rounded; a color pixel is
 * three genes, hue, saturation and value (the released code has hue, lightness and saturation).
 *
 * @throws InputError where an option is out of range
 */
export function directEncoding(shape: ImageShape, options: Partial<DirectOptions> = {}): Encoding<DirectGenome> {
  const settings = { ...DIRECT_DEFAULTS, ...options };
  const { mutationRate, halveEvery } = settings;
  if (!(mutationRate > 0 && mutationRate <= 1)) {
    throw new InputError(`mutationRate is ${mutationRate}; give a chance above 0 and at most 1`);
  }
  if (!(halveEvery >= 1)) throw new InputError(`halveEvery is ${halveEvery}; give a number of generations, at least 1`);
  return new DirectEncoding(shape, settings, polynomialStep(settings.eta));
}

class DirectEncoding implements Encoding<DirectGenome> {
  readonly name = 'direct';
  readonly shape: ImageShape;
  readonly #size: number;
  readonly #options: DirectOptions;
  readonly #step: PolynomialStep;

  constructor(shape: ImageShape, options: DirectOptions, step: PolynomialStep) {
    this.shape = shape;
    this.#size = imageSize(shape);
    this.#options = options;
    this.#step = step;
  }

  random(random: Random): DirectGenome {
    const genes = new Uint16Array(this.#size);
    for (let i = 0; i < genes.length; i++) genes[i] = random.uint32() >>> 16;
    return genes;
  }

  mutate(parent: DirectGenome, random: Random, generation: number): DirectGenome {
    const { mutationRate, halveEvery } = this.#options;
    const rate = mutationRate * 0.5 ** Math.floor(generation / halveEvery);
    const inverse = 1 / Math.log1p(-rate);
    const genes = parent.slice();
    const step = this.#step;
    for (let at = gap(inverse, random); at < genes.length; at += 1 + gap(inverse, random)) {
      const gene = genes[at]! + TOP * step(random);
      genes[at] = gene <= 0 ? 0 : gene >= TOP ? TOP : gene + 0.5;
    }
    return genes;
  }

  render(genomes: readonly DirectGenome[], images: Uint8Array): void {
    const size = this.#size;
    genomes.forEach((genes, index) => {
      renderDirect(genes, this.shape.channels, images.subarray(index * size, (index + 1) * size));
    });
  }

  /** The genes, low byte first, as on every machine that has ONNX Runtime; a view, since genomes never change. */
  pack(genome: DirectGenome): Uint8Array {
    return new Uint8Array(genome.buffer, genome.byteOffset, genome.byteLength);
  }

  unpack(bytes: Uint8Array): DirectGenome {
    if (bytes.length !== 2 * this.#size) {
      const { channels, height, width } = this.shape;
      throw new InputError(
        `A direct genome of ${channels} x ${height} x ${width} has ${2 * this.#size} bytes, this one ${bytes.length}: take it from a run on images of that shape`,
      );
    }
    const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
    return new Uint16Array(aligned.buffer, aligned.byteOffset, this.#size);
  }
}

/**
 * How many genes stay before the next one that mutates: geometric, P(gap >= k) = (1 - rate)^k. One draw for each gene
 * that mutates is much quicker than one for each gene.
 *
 * @param inverse 1 / ln(1 - rate)
 */
function gap(inverse: number, random: Random): number {
  return Math.floor(Math.log((random.uint32() + 1) * 2.3283064365386963e-10) * inverse);
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
