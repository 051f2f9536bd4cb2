import { type GarbageSource, paintEach, randomLevel } from './source.ts';

/** Every value of every pixel by itself, uniform on the 256 levels. */
export const uniformNoise: GarbageSource = {
  name: 'uniform-noise',
  title: 'uniform noise',
  summary: 'every value by itself, uniform on the 256 levels',
  kind: 'noise',
  make: (shape, count, random) =>
    paintEach(shape, count, (image) => {
      for (let i = 0; i < image.length; i++) image[i] = randomLevel(random);
    }),
};
