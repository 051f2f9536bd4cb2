import { type GarbageSource, paintEach } from './source.ts';

/**
 * Every value of every pixel by itself, normal around the middle between black and white with a standard deviation of half the
 * range, rounded, and clipped to black and white, which nearly a third of the values are: the Gaussian noise of Hendrycks,
 * Mazeika and Dietterich 2019.
 */
export const gaussianNoise: GarbageSource = {
  name: 'gaussian-noise',
  title: 'Gaussian noise',
  summary: 'every value by itself, normal around mid grey with half the range as deviation, clipped',
  kind: 'noise',
  make: (shape, count, random) =>
    paintEach(shape, count, (image) => {
      for (let i = 0; i < image.length; i++) {
        image[i] = Math.min(255, Math.max(0, Math.round(127.5 * (1 + random.normal()))));
      }
    }),
};
