/** @file Images that a network is shown when it is loaded, to see how it behaves. */

import { type FloatImages, type ImageShape, type Images, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';

const PROBE_STREAM = 0x70726f62;

/** Different images of a shape: weak noise around grey, black, white, grey, and strong noise. */
export function probeImages(shape: ImageShape): readonly Uint8Array[] {
  const size = imageSize(shape);
  const random = Random.stream(1, PROBE_STREAM);
  const noise = (from: number, range: number): Uint8Array =>
    Uint8Array.from({ length: size }, () => from + Math.floor(random.uniform() * range));
  const flat = (value: number): Uint8Array => new Uint8Array(size).fill(value);
  return [noise(64, 128), flat(0), flat(255), flat(128), noise(0, 256)];
}

/** The largest pixel of {@link farImages}, where white is 1. */
const FAR = 100;

/** Noise with pixels far below black and above white. */
export function farImages(shape: ImageShape): FloatImages {
  const random = Random.stream(2, PROBE_STREAM);
  const count = 4;
  const data = Float32Array.from({ length: count * imageSize(shape) }, () => FAR * (2 * random.uniform() - 1));
  return { ...shape, count, data };
}

/** Images in one batch. */
export function batchOf(shape: ImageShape, images: readonly Uint8Array[]): Images {
  const size = imageSize(shape);
  const data = new Uint8Array(images.length * size);
  images.forEach((pixels, row) => {
    data.set(pixels, row * size);
  });
  return { ...shape, count: images.length, data };
}
