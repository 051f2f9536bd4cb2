import { amplifyContrast } from '@pareidolia/core';
import type { AmplifiedPicture } from '@pareidolia/lab';
import sharp from 'sharp';
import { encodePng } from './png.ts';
import { makePreview } from './preview.ts';

/** Below that one sees enough of an image as it is. */
export const LEAST_FACTOR = 3;

/** The longer side of the copy, in pixels. */
const SIDE = 192;

/**
 * A copy of an image with its contrast multiplied.
 *
 * @param png the file
 * @returns `undefined` where one sees enough as it is
 */
export async function amplify(png: Uint8Array): Promise<AmplifiedPicture | undefined> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const channels = info.channels === 1 ? 1 : 3;
  const planes = new Uint8Array(channels * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < channels; channel++) {
      planes[channel * width * height + i] = data[i * info.channels + channel]!;
    }
  }
  const shape = { channels, height, width } as const;
  const { planes: amplified, factor } = amplifyContrast(planes, shape);
  if (factor < LEAST_FACTOR) return undefined;
  return { bytes: await makePreview(await encodePng(amplified, shape), SIDE), factor };
}
