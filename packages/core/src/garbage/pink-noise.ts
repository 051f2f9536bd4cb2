import type { ImageShape } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { transformSquare } from './fourier.ts';
import { stretch } from './smooth.ts';
import { type GarbageSource, paintEach } from './source.ts';

/**
 * Noise whose amplitude falls with the spatial frequency f as 1/f, its power as 1/f^2, as in photographs (Field 1987), without
 * anything that they show: phases are by chance. Channels are independent, all re-scaled together to the full range.
 *
 * Made on a square torus whose side is the next power of two, of which the image is a part.
 */
export const pinkNoise: GarbageSource = {
  name: 'pink-noise',
  title: '1/f noise',
  summary: 'noise with the amplitude spectrum 1/f of photographs, and phases by chance',
  kind: 'noise',
  make: (shape, count, random) =>
    paintEach(shape, count, (image) => {
      const planes = drawPinkNoise(shape, random);
      for (let i = 0; i < image.length; i++) image[i] = Math.round(255 * planes[i]!);
    }),
};

function drawPinkNoise({ channels, height, width }: ImageShape, random: Random): Float32Array {
  const side = 2 ** Math.ceil(Math.log2(Math.max(height, width)));
  const planes = new Float32Array(channels * height * width);
  for (let channel = 0; channel < channels; channel += 2) {
    const fields = drawFields(side, random);
    for (const [part, field] of fields.entries()) {
      if (channel + part >= channels) break;
      for (let row = 0; row < height; row++) {
        const from = row * side;
        planes.set(field.subarray(from, from + width), ((channel + part) * height + row) * width);
      }
    }
  }
  stretch(planes);
  return planes;
}

/**
 * Two independent fields of a spectrum: real and imaginary part of the transform of complex normal deviates, whose parts are
 * independent, each times 1/f.
 */
function drawFields(side: number, random: Random): readonly [Float64Array, Float64Array] {
  const real = new Float64Array(side * side);
  const imaginary = new Float64Array(side * side);
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const f = Math.hypot(Math.min(u, side - u), Math.min(v, side - v));
      if (f === 0) continue;
      real[v * side + u] = random.normal() / f;
      imaginary[v * side + u] = random.normal() / f;
    }
  }
  transformSquare(real, imaginary, side);
  return [real, imaginary];
}
