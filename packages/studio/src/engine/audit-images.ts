/** @file The real images of an audit that a page asks for. */

import { DRAWN, type ImageShape, InputError, imageSize } from '@pareidolia/core';
import { type AuditOptions, MOST_REAL_IMAGES } from '@pareidolia/lab';
import type { Parameters } from './protocol.ts';

type Request = Pick<Parameters<'audits.start'>, 'images' | 'budget' | 'seed'>;

/**
 * The images as the audit takes them. Drawings are those that `pareidolia audit` takes with the same seed and budget.
 *
 * @throws InputError where the bytes are not as many images as there are names, or labels
 */
export function auditImages(
  { images, budget, seed }: Request,
  shape: ImageShape,
): Pick<AuditOptions, 'images' | 'imagesInAll' | 'leftOut'> {
  if (images === undefined) return {};
  if (typeof images === 'string') {
    const { parts, draw } = DRAWN[images];
    const count = Math.min(MOST_REAL_IMAGES[budget], parts.test);
    const drawn = draw(count, seed, parts.train + parts.validation);
    if (imageSize(drawn.images) !== imageSize(shape)) {
      throw new InputError(`The network does not take drawn ${images}; open pictures of what it knows`);
    }
    const names = Array.from({ length: count }, (_, place) => String(place).padStart(5, '0'));
    return { images: { origin: drawn.name, images: drawn.images, names, labels: drawn.labels } };
  }
  const { origin, names, data, labels, leftOut, inAll } = images;
  const count = names.length;
  if (data.length !== count * imageSize(shape)) {
    throw new InputError(`${origin}: ${data.length} bytes are not ${count} images of the network; open them again`);
  }
  const { channels, height, width } = shape;
  return {
    images: {
      origin,
      images: { channels, height, width, count, data },
      names,
      ...(labels === undefined ? {} : { labels: Int32Array.from(labels) }),
    },
    imagesInAll: Math.max(count, inAll),
    leftOut,
  };
}
