import { type GarbageSource, paintEach } from './source.ts';

/**
 * Every value of every pixel by itself 0 or 255, with equal chances: the Bernoulli noise of Hendrycks, Mazeika and Dietterich
 * 2019.
 */
export const binaryNoise: GarbageSource = {
  name: 'binary-noise',
  title: 'binary noise',
  summary: 'every value by itself black or white',
  kind: 'noise',
  make: (shape, count, random) =>
    paintEach(shape, count, (image) => {
      for (let i = 0; i < image.length; i++) image[i] = 255 * (random.uint32() >>> 31);
    }),
};
