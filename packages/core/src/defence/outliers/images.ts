import { InputError } from '../../errors.ts';
import { type Images, selectImages } from '../../image/images.ts';
import type { OutlierSource } from './source.ts';

/**
 * Images of a data set or a folder, drawn with replacement.
 *
 * @throws InputError where there are none
 */
export function imageOutliers(name: string, images: Images): OutlierSource {
  if (images.count === 0) throw new InputError(`The outliers ${name} are no image at all; give some`);
  const { channels, height, width } = images;
  return {
    name,
    shape: { channels, height, width },
    draw: (count, random) =>
      selectImages(
        images,
        Array.from({ length: count }, () => random.integer(images.count)),
      ),
  };
}
