import { imageSize } from '../image/images.ts';
import { type GarbageSource, paintEach } from './source.ts';

/** Real images with their pixels in an order by chance, another one for each image; the colors of a pixel stay together. */
export const permutedPixels: GarbageSource = {
  name: 'permuted-pixels',
  title: 'permuted pixels',
  summary: 'real images with their pixels in an order by chance',
  kind: 'derived',
  needsImages: true,
  make: (shape, count, random, { images } = {}) => {
    if (images === undefined || images.count === 0) throw new Error('permuted-pixels needs real images');
    const size = imageSize(shape);
    const pixels = size / shape.channels;
    const order = Uint32Array.from({ length: pixels }, (_, place) => place);
    return paintEach(shape, count, (image) => {
      const start = size * random.integer(images.count);
      random.shuffle(order);
      for (let i = 0; i < size; i++) {
        const place = i % pixels;
        image[i] = images.data[start + i - place + order[place]!]!;
      }
    });
  },
};
