import type { ImageShape } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { drawDeviation, smooth, stretch } from './smooth.ts';
import { type GarbageSource, paintEach } from './source.ts';

/**
 * Uniform noise smoothed by a Gaussian of 1 to 2.5 pixels (in proportion more for images larger than 32 x 32) and re-scaled to
 * the full range from black to white (Hein, Andriushchenko and Bitterwolf 2019, section 4).
 */
export const lowPassNoise: GarbageSource = {
  name: 'low-pass-noise',
  title: 'low-pass noise',
  summary: 'uniform noise smoothed by a Gaussian and re-scaled to the full range (Hein et al. 2019)',
  kind: 'noise',
  make: (shape, count, random) =>
    paintEach(shape, count, (image) => {
      const planes = drawLowPassNoise(shape, random);
      for (let i = 0; i < image.length; i++) image[i] = Math.round(255 * planes[i]!);
    }),
};

/** One image of it, `channels x height x width` values in [0, 1]. */
function drawLowPassNoise(shape: ImageShape, random: Random): Float32Array {
  const planes = Float32Array.from({ length: shape.channels * shape.height * shape.width }, () => random.uniform());
  smooth(planes, shape, drawDeviation(shape, random));
  stretch(planes);
  return planes;
}
