import { type ImageShape, imageSize } from '@pareidolia/core';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePngs, encodePng } from './png.ts';

const shapes = fc.record({
  channels: fc.constantFrom(1 as const, 3 as const),
  height: fc.integer({ min: 1, max: 12 }),
  width: fc.integer({ min: 1, max: 12 }),
});
const images = shapes.chain((shape) =>
  fc.record({
    shape: fc.constant<ImageShape>(shape),
    planes: fc.uint8Array({ minLength: imageSize(shape), maxLength: imageSize(shape) }),
  }),
);

describe('PNG', () => {
  it('gives back every image bit by bit', async () => {
    await fc.assert(
      fc.asyncProperty(images, async ({ shape, planes }) => {
        const bytes = await encodePng(planes, shape);
        expect((await decodePngs([{ name: 'a.png', bytes }], shape)).data).toEqual(planes);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps red, green and blue apart', async () => {
    const bytes = await encodePng(Uint8Array.of(1, 2, 30, 40, 100, 200), { channels: 3, height: 1, width: 2 });
    const pixels = await sharp(bytes).raw().toBuffer();
    expect([...pixels]).toEqual([1, 30, 100, 2, 40, 200]);
  });

  it('writes grey images with one channel of 8 bits', async () => {
    const bytes = await encodePng(new Uint8Array(12), { channels: 1, height: 3, width: 4 });
    expect(await sharp(bytes).metadata()).toMatchObject({ channels: 1, depth: 'uchar', width: 4, height: 3 });
  });

  it('refuses what is no image, or one of another size', async () => {
    const shape = { channels: 1, height: 3, width: 4 } as const;
    const read = (bytes: Uint8Array) => decodePngs([{ name: 'a.png', bytes }], shape);
    await expect(read(Uint8Array.of(1, 2, 3))).rejects.toThrow(/^a.png cannot be read as an image of 4 x 3 pixels/);
    await expect(read(await encodePng(new Uint8Array(6), { ...shape, height: 2, width: 3 }))).rejects.toThrow(
      'a.png has 3 x 2 pixels and 1 channels, expected 4 x 3 and 1',
    );
    await expect(read(await encodePng(new Uint8Array(400), { ...shape, height: 20, width: 20 }))).rejects.toThrow(
      'a.png',
    );
  });
});
