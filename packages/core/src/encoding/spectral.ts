/** @file Images as sums of separable waves, one coefficient for each: what the Fourier and the cosine encoding share. */

import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import type { VectorEncoding } from './encoding.ts';

/** Coefficients in [0, 1], where 1/2 stands for none; plane by plane, row by row. */
export type SpectralGenome = Float32Array;

/** Functions along one axis of an image. */
export interface AxisBasis {
  /** For each pixel of the axis the values of all functions, `pixels x functions`. */
  readonly values: Float32Array;
  /** For each function its frequency, 0 for what is constant. */
  readonly frequencies: readonly number[];
}

/** What a {@link SpectralEncoding} is made of. */
export interface SpectralOptions {
  readonly name: string;
  readonly shape: ImageShape;
  readonly rows: AxisBasis;
  readonly columns: AxisBasis;
  /** Amplitudes fall as (1 + f)^-falloff with the frequency f = sqrt(f_x^2 + f_y^2). */
  readonly falloff: number;
  /** Deviation of the pixel values of a random image before they are clipped to [0, 1]. */
  readonly contrast: number;
}

/**
 * A pixel is 1/2 + sum over i, j of (2 g_ij - 1) a_ij r_i(y) c_j(x), clipped to [0, 1] and rounded to 8 bits; the channels of a color
 * image are red, green and blue. Genes start uniform on [0, 1].
 */
export class SpectralEncoding implements VectorEncoding<SpectralGenome> {
  readonly name: string;
  readonly shape: ImageShape;
  readonly dimension: number;
  readonly #rows: AxisBasis;
  readonly #columns: AxisBasis;
  /** Of each function of the plane. */
  readonly #amplitudes: Float32Array;

  constructor({ name, shape, rows, columns, falloff, contrast }: SpectralOptions) {
    this.name = name;
    this.shape = shape;
    this.#rows = rows;
    this.#columns = columns;
    const weights = rows.frequencies.flatMap((fy) =>
      columns.frequencies.map((fx) => (1 + Math.hypot(fx, fy)) ** -falloff),
    );
    // 2 g - 1 has the variance 1/3.
    const [down, across] = [meanSquares(rows), meanSquares(columns)];
    const variances = weights.map((weight, k) => {
      const [i, j] = [Math.floor(k / across.length), k % across.length];
      return (weight * weight * down[i]! * across[j]!) / 3;
    });
    const deviation = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0));
    this.#amplitudes = Float32Array.from(weights, (weight) => (weight * contrast) / deviation);
    this.dimension = shape.channels * weights.length;
  }

  random(random: Random): SpectralGenome {
    return Float32Array.from({ length: this.dimension }, () => random.uniform());
  }

  render(genomes: readonly SpectralGenome[], images: Uint8Array): void {
    const size = imageSize(this.shape);
    genomes.forEach((genome, index) => {
      const values = this.#values(genome);
      const image = images.subarray(index * size, (index + 1) * size);
      for (let i = 0; i < size; i++) image[i] = Math.round(255 * Math.min(1, Math.max(0, values[i]!)));
    });
  }

  /** The numbers, low byte first, as on every machine that has ONNX Runtime; a view, since genomes never change. */
  pack(genome: SpectralGenome): Uint8Array {
    return new Uint8Array(genome.buffer, genome.byteOffset, genome.byteLength);
  }

  unpack(bytes: Uint8Array): SpectralGenome {
    if (bytes.length !== 4 * this.dimension) {
      throw new InputError(
        `A genome of ${this.name} has ${4 * this.dimension} bytes here, this one ${bytes.length}: take it from a run with the same settings on images of the same shape`,
      );
    }
    // Not by slice(), which makes only a view where it is Node's Buffer.
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    const genome = new Float32Array(aligned.buffer, aligned.byteOffset, this.dimension);
    if (!genome.every((gene) => gene >= 0 && gene <= 1)) {
      throw new InputError(`A genome of ${this.name} has a coefficient that is not in [0, 1]: the file is damaged`);
    }
    return genome;
  }

  document() {
    return { kind: 'file', extension: 'genes', type: 'float32 little-endian' } as const;
  }

  toVector(genome: SpectralGenome): Float32Array {
    return genome.slice();
  }

  fromVector(vector: Float32Array): SpectralGenome {
    return vector.map((value) => Math.min(1, Math.max(0, value)));
  }

  vectorGradient(genome: SpectralGenome, pixels: Float32Array, into: Float32Array): void {
    const values = this.#values(genome);
    const { channels, height, width } = this.shape;
    const [rows, columns] = [this.#rows.frequencies.length, this.#columns.frequencies.length];
    const half = new Float64Array(height * columns);
    for (let channel = 0; channel < channels; channel++) {
      half.fill(0);
      const plane = channel * height * width;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const at = plane + y * width + x;
          // Beyond black and white a pixel does not move.
          if (values[at]! <= 0 || values[at]! >= 1) continue;
          for (let j = 0; j < columns; j++)
            half[y * columns + j]! += pixels[at]! * this.#columns.values[x * columns + j]!;
        }
      }
      const first = channel * rows * columns;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let y = 0; y < height; y++) sum += this.#rows.values[y * rows + i]! * half[y * columns + j]!;
          into[first + i * columns + j] = 2 * this.#amplitudes[i * columns + j]! * sum;
        }
      }
    }
  }

  /** Of the pixels, not clipped. The order of all sums is fixed, and their terms are single precision. */
  #values(genome: SpectralGenome): Float64Array {
    const { channels, height, width } = this.shape;
    const [rows, columns] = [this.#rows.frequencies.length, this.#columns.frequencies.length];
    const values = new Float64Array(channels * height * width).fill(0.5);
    const coefficients = new Float64Array(rows * columns);
    const line = new Float64Array(columns);
    for (let channel = 0; channel < channels; channel++) {
      for (let k = 0; k < coefficients.length; k++) {
        coefficients[k] = (2 * genome[channel * coefficients.length + k]! - 1) * this.#amplitudes[k]!;
      }
      for (let y = 0; y < height; y++) {
        line.fill(0);
        for (let i = 0; i < rows; i++) {
          const by = this.#rows.values[y * rows + i]!;
          if (by === 0) continue;
          for (let j = 0; j < columns; j++) line[j]! += by * coefficients[i * columns + j]!;
        }
        const first = (channel * height + y) * width;
        for (let x = 0; x < width; x++) {
          let sum = values[first + x]!;
          for (let j = 0; j < columns; j++) sum += this.#columns.values[x * columns + j]! * line[j]!;
          values[first + x] = sum;
        }
      }
    }
    return values;
  }
}

/** Of each function, over all pixels of the axis. */
function meanSquares({ values, frequencies }: AxisBasis): readonly number[] {
  const pixels = values.length / frequencies.length;
  return frequencies.map((_, k) => {
    let sum = 0;
    for (let pixel = 0; pixel < pixels; pixel++) sum += values[pixel * frequencies.length + k]! ** 2;
    return sum / pixels;
  });
}
