import type { GarbageSource } from '../../garbage/source.ts';
import type { ImageShape, Images } from '../../image/images.ts';
import type { OutlierSource } from './source.ts';

/**
 * Garbage of a source, made anew for every batch.
 *
 * @param images real ones, for sources that are made of these
 */
export function generatedOutliers(source: GarbageSource, shape: ImageShape, images: Images): OutlierSource {
  return {
    name: source.name,
    shape,
    draw(count, random) {
      const most = source.most?.(shape) ?? count;
      if (most >= count) return source.make(shape, count, random, { images });
      // Few different ones: all of them, over and over.
      const all = source.make(shape, most, random, { images });
      const size = all.data.length / most;
      const data = new Uint8Array(count * size);
      for (let i = 0; i < count; i++) {
        const from = random.integer(most) * size;
        data.set(all.data.subarray(from, from + size), i * size);
      }
      return { ...all, count, data };
    },
  };
}
