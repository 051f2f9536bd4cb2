import { imageSize } from '../image/images.ts';
import { permutedPixels } from './permuted-pixels.ts';
import { drawDeviation, smooth, stretch } from './smooth.ts';
import { type GarbageSource, paintEach } from './source.ts';
import { uniformNoise } from './uniform-noise.ts';

/** The largest factor. */
const FARTHEST = 16;

/**
 * Points on rays from what the network receives as zero through noise: `o + alpha (x - o)`, alpha uniform in its logarithm
 * between 1 and 16. Along nearly every such ray a ReLU network becomes arbitrarily confident (Hein, Andriushchenko and
 * Bitterwolf 2019, theorem 3.1). x is the noise of their section 4: permuted pixels of a real image, where there are any, and
 * uniform noise in turns, smoothed and re-scaled to the full range. A real image is not taken itself: scaled, it still shows
 * what it shows.
 *
 * The theorem needs alpha without bound, and 8-bit images end at black and white. Values are clipped there, so with a growing
 * alpha every channel goes to black where x is below o, and to white above: the ray bends into a corner of the cube, and the
 * share of images accepted here says less than the theorem's. Of a network that receives black as zero, most of an image is white.
 */
export const scaledRays: GarbageSource = {
  name: 'scaled-rays',
  title: 'scaled noise',
  summary:
    'smoothed noise scaled away from the network’s zero by up to 16, clipped to black and white (Hein et al. 2019)',
  kind: 'derived',
  make: (shape, count, random, inputs = {}) => {
    const pixels = imageSize(shape) / shape.channels;
    return paintEach(shape, count, (image, index) => {
      const source = index % 2 === 0 && inputs.images !== undefined ? permutedPixels : uniformNoise;
      const planes = Float32Array.from(source.make(shape, 1, random, inputs).data);
      smooth(planes, shape, drawDeviation(shape, random));
      stretch(planes);
      const alpha = FARTHEST ** random.uniform();
      for (let i = 0; i < image.length; i++) {
        const origin = inputs.origin?.[Math.floor(i / pixels)] ?? 0.5;
        const value = origin + alpha * (planes[i]! - origin);
        image[i] = Math.round(255 * Math.min(1, Math.max(0, value)));
      }
    });
  },
};
