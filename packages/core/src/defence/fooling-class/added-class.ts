/** @file Images as a class of their own behind those of a data set. */

import type { Dataset } from '../../dataset/dataset.ts';
import { InputError } from '../../errors.ts';
import { imageSize } from '../../image/images.ts';

/** What the class of fooling images is called. */
export const ADDED_CLASS = 'fooling';

/**
 * The names of the data's classes and of the one that is added.
 *
 * @throws InputError where the data have a class of that name
 */
export function addedClassNames({ classNames, name: origin }: Dataset, name: string = ADDED_CLASS): readonly string[] {
  if (!classNames.includes(name)) return [...classNames, name];
  throw new InputError(`${origin} has a class ${name}; rename it, for the class that is added is called so`);
}

/**
 * The data with images as class n + 1.
 *
 * @param added batches of the data's shape, `N x C x H x W`
 * @throws InputError where the data have a class of that name
 */
export function withAddedClass(clean: Dataset, added: readonly Uint8Array[], name: string = ADDED_CLASS): Dataset {
  const classNames = addedClassNames(clean, name);
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
  return { ...clean, classNames, images: { ...clean.images, count, data }, labels };
}
