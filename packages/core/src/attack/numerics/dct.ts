/** @file The cosine waves of the discrete cosine transform: an orthonormal basis of images, ordered by frequency. */

import type { ImageShape } from '../../image/images.ts';

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
