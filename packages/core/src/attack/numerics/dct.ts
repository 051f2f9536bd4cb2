/** @file The cosine waves of the discrete cosine transform: an orthonormal basis of images, ordered by frequency. */

import type { ImageShape } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';

/** One basis image: zero but in one channel. */
export interface CosineWave {
  readonly channel: number;
  /** Half waves down the image, 0 .. height - 1. */
  readonly down: number;
  /** Half waves across the image, 0 .. width - 1. */
  readonly across: number;
}

/** All waves of a shape: as many as an image has values. */
export function cosineWaves({ channels, height, width }: ImageShape): CosineWave[] {
  const waves: CosineWave[] = [];
  for (let channel = 0; channel < channels; channel++) {
    for (let down = 0; down < height; down++) {
      for (let across = 0; across < width; across++) waves.push({ channel, down, across });
    }
  }
  return waves;
}

/**
 * The values of a wave in its channel, `height x width`, of L2 norm 1 (DCT-II, orthonormal): the product of
 * c_u cos(pi (2y + 1) u / 2H) and c_v cos(pi (2x + 1) v / 2W), c_0 = sqrt(1 / n), else sqrt(2 / n).
 */
export function valuesOf({ down, across }: CosineWave, { height, width }: ImageShape): Float32Array {
  const rows = wave(down, height);
  const columns = wave(across, width);
  const values = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) values[y * width + x] = rows[y]! * columns[x]!;
  }
  return values;
}

function wave(frequency: number, size: number): Float64Array {
  const scale = Math.sqrt((frequency === 0 ? 1 : 2) / size);
  return Float64Array.from(
    { length: size },
    (_, i) => scale * Math.cos((Math.PI * (2 * i + 1) * frequency) / (2 * size)),
  );
}

/**
 * Noise of low frequencies: the inverse transform of normal coefficients.
 *
 * @param frequencies along either axis, at most; where they are all that the axis has, the values are independent
 * @returns `C x H x W`
 */
export function lowFrequencyNoise(
  random: Pick<Random, 'normal'>,
  { channels, height, width }: ImageShape,
  frequencies: number,
): Float32Array {
  const [down, across] = [height, width].map((size) => Math.min(size, frequencies)) as [number, number];
  const noise = new Float32Array(channels * height * width);
  if (down === height && across === width) return noise.map(() => random.normal());
  const rows = Array.from({ length: down }, (_, frequency) => wave(frequency, height));
  const columns = Array.from({ length: across }, (_, frequency) => wave(frequency, width));
  const line = new Float64Array(width);
  for (let channel = 0; channel < channels; channel++) {
    for (const row of rows) {
      line.fill(0);
      for (const column of columns) {
        const coefficient = random.normal();
        for (let x = 0; x < width; x++) line[x]! += coefficient * column[x]!;
      }
      for (let y = 0; y < height; y++) {
        const from = (channel * height + y) * width;
        for (let x = 0; x < width; x++) noise[from + x]! += row[y]! * line[x]!;
      }
    }
  }
  return noise;
}
