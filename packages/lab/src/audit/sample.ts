/** @file The images that a check looks at, where it cannot look at all. */

import { type Images, imageSize, Random, selectImages } from '@pareidolia/core';
import type { AuditBench, RealImages } from './bench.ts';

const SAMPLE_STREAM = 0x61756473;

/** Images above this many pixels cost so much more that checks take fewer of them. */
const SMALL = 64 * 64;

/**
 * Some of the real images, drawn at random with the audit's seed, in their order. A smaller sample is a part of a larger one.
 *
 * @param count at most
 */
export function sampleImages({ seed }: Pick<AuditBench, 'seed'>, real: RealImages, count: number): RealImages {
  const { images, names, labels, origin } = real;
  if (images.count <= count) return real;
  const order = Random.stream(seed, SAMPLE_STREAM).shuffle(Uint32Array.from({ length: images.count }, (_, i) => i));
  const places = [...order.subarray(0, count)].sort((a, b) => a - b);
  return {
    origin,
    images: selectImages(images, places),
    names: places.map((place) => names[place]!),
    ...(labels === undefined ? {} : { labels: Int32Array.from(places, (place) => labels[place]!) }),
  };
}

/** Whether images are so small that a pass through the network is taken to be cheap. */
export function areSmall({ height, width }: Pick<Images, 'height' | 'width'>): boolean {
  return height * width <= SMALL;
}

/** One image of several, as a copy. */
export function imageAt(images: Images, place: number): Uint8Array {
  const size = imageSize(images);
  return images.data.slice(place * size, (place + 1) * size);
}
