import sharp from 'sharp';
import { expect, it } from 'vitest';
import { encodePng, isPixelated } from './picture.ts';

it('a PNG gives another decoder the same pixels, grey and in color', async () => {
  for (const channels of [1, 3] as const) {
    const shape = { channels, height: 2, width: 3 };
    const planes = Uint8Array.from({ length: 6 * channels }, (_, i) => 13 * i);
    const image = sharp(encodePng(planes, shape));
    if (channels === 1) image.toColorspace('b-w');
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([3, 2, channels]);
    for (let i = 0; i < 6; i++) {
      for (let channel = 0; channel < channels; channel++) {
        expect(data[channels * i + channel]).toBe(planes[6 * channel + i]);
      }
    }
  }
});

it('pixels of digits are squares, those of photographs are not', () => {
  expect([isPixelated({ height: 28, width: 28 }), isPixelated({ height: 224, width: 224 })]).toEqual([true, false]);
});
