import { permutedPixels } from '../../garbage/permuted-pixels.ts';
import { drawDeviation, smooth, stretch } from '../../garbage/smooth.ts';
import { uniformNoise } from '../../garbage/uniform-noise.ts';
import { type ImageShape, type Images, imageSize } from '../../image/images.ts';
import type { OutlierSource } from './source.ts';

/**
 * The noise of Hein, Andriushchenko and Bitterwolf 2019 (arXiv:1812.05720, section 4): uniform noise or permuted pixels of training
 * images, with equal chances, smoothed by a Gaussian and re-scaled to the full range from black to white.
 *
 * @param images real ones, whose pixels are permuted
 */
export function smoothedNoise(shape: ImageShape, images: Images): OutlierSource {
  return {
    name: 'noise',
    shape,
    draw(count, random) {
      const size = imageSize(shape);
      const data = new Uint8Array(count * size);
      for (let i = 0; i < count; i++) {
        const source = random.integer(2) === 0 ? uniformNoise : permutedPixels;
        const planes = Float32Array.from(source.make(shape, 1, random, { images }).data);
        smooth(planes, shape, drawDeviation(shape, random));
        stretch(planes);
        for (let j = 0; j < size; j++) data[i * size + j] = Math.round(255 * planes[j]!);
      }
      const { channels, height, width } = shape;
      return { channels, height, width, count, data };
    },
  };
}
