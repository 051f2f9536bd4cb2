/** @file Images side by side in one picture. */

import { type ImageShape, type Images, imageSize } from '@pareidolia/core';
import { encodePng } from '../image/png.ts';

/** Pixels between images. */
const GAP = 2;

/** Of the gaps: dark grey, so that black images have an edge. */
const GREY = 48;

/**
 * Images as rows of a PNG.
 *
 * @param columns images in a row
 */
export async function encodeSheet(images: Images, columns: number): Promise<Uint8Array> {
  const { channels, height, width, count, data } = images;
  const rows = Math.ceil(count / columns);
  const sheet: ImageShape = {
    channels,
    height: rows * (height + GAP) + GAP,
    width: columns * (width + GAP) + GAP,
  };
  const planes = new Uint8Array(imageSize(sheet)).fill(GREY);
  for (let place = 0; place < count; place++) {
    const top = GAP + Math.floor(place / columns) * (height + GAP);
    const left = GAP + (place % columns) * (width + GAP);
    for (let line = 0; line < channels * height; line++) {
      const [channel, row] = [Math.floor(line / height), line % height];
      const from = (place * channels * height + line) * width;
      planes.set(data.subarray(from, from + width), (channel * sheet.height + top + row) * sheet.width + left);
    }
  }
  return encodePng(planes, sheet);
}
