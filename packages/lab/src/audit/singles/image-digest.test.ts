import type { Images } from '@pareidolia/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { imageDigest, NO_IMAGES, withNumbers } from './image-digest.ts';

const images = (data: Uint8Array): Images => ({ channels: 1, height: 1, width: 1, count: data.length, data });

it('is the same for the same images, in whatever batches', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 40 }), fc.nat(), (data, at) => {
      const cut = 1 + (at % (data.length - 1));
      const parts = imageDigest(imageDigest(NO_IMAGES, images(data.slice(0, cut))), images(data.slice(cut)));
      expect(parts).toBe(imageDigest(NO_IMAGES, images(data)));
      expect(parts).toMatch(/^[0-9a-f]{16}$/);
    }),
  );
});

it('is another one where a value, the order, the shape or the labels are others', () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => i);
  const digests = [
    imageDigest(NO_IMAGES, images(data)),
    imageDigest(NO_IMAGES, images(data.toReversed())),
    imageDigest(NO_IMAGES, images(data.subarray(1))),
    imageDigest(NO_IMAGES, { ...images(data), channels: 3, count: 4 }),
    imageDigest(NO_IMAGES, { ...images(data), height: 3, count: 4 }),
    ...Array.from(data, (_, place) => imageDigest(NO_IMAGES, images(data.with(place, data[place]! + 1)))),
    withNumbers(imageDigest(NO_IMAGES, images(data)), [1, 2]),
    withNumbers(imageDigest(NO_IMAGES, images(data)), [2, 1]),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});
