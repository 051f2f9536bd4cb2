/** @file Images as a class of their own behind those of a data set. */

import type { Dataset } from '../../dataset/dataset.ts';
import { InputError } from '../../errors.ts';
import { imageSize } from '../../image/images.ts';

/** What the class of fooling images is called. */
export const ADDED_CLASS = 'fooling';

/**
 * The data with images as class n + 1.
 *
 * @param added batches of the data's shape, `N x C x H x W`
 * @throws InputError where the data have a class of that name
 */
export function withAddedClass(clean: Dataset, added: readonly Uint8Array[], name: string = ADDED_CLASS): Dataset {
  if (clean.classNames.includes(name)) {
    throw new InputError(`${clean.name} has a class ${name}; rename it, for the class that is added is called so`);
  }
  const size = imageSize(clean.images);
  const more = added.reduce((sum, images) => sum + images.length / size, 0);
  const data = new Uint8Array(clean.images.data.length + more * size);
  data.set(clean.images.data);
  let end = clean.images.data.length;
  for (const images of added) {
    data.set(images, end);
    end += images.length;
  }
  const count = clean.images.count + more;
  const labels = new Int32Array(count).fill(clean.classNames.length);
  labels.set(clean.labels);
  return { ...clean, classNames: [...clean.classNames, name], images: { ...clean.images, count, data }, labels };
}
