/** @file Where outliers come from: images that show none of the classes a network is trained on. */

import { blankImages, type ImageShape, type Images, imageSize } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';

/** A source of outliers for one training. */
export interface OutlierSource {
  /** For messages: `uniform-noise`, or the name of a data set. */
  readonly name: string;
  readonly shape: ImageShape;
  /**
   * Makes or chooses images.
   *
   * @param random decides all that is left to chance
   */
  draw(count: number, random: Random): Images;
}

/** Several sources as one: each image comes from any of them with equal chances. */
export function mixedOutliers(sources: readonly OutlierSource[]): OutlierSource {
  const [only] = sources;
  if (only === undefined) throw new Error('no source of outliers');
  if (sources.length === 1) return only;
  return {
    name: sources.map(({ name }) => name).join(','),
    shape: only.shape,
    draw(count, random) {
      const counts = sources.map(() => 0);
      for (let i = 0; i < count; i++) counts[random.integer(sources.length)]!++;
      const { data, ...batch } = blankImages(only.shape, count);
      let end = 0;
      for (const [index, source] of sources.entries()) {
        if (counts[index] === 0) continue;
        data.set(source.draw(counts[index]!, random).data, end);
        end += counts[index]! * imageSize(only.shape);
      }
      return { ...batch, data };
    },
  };
}
