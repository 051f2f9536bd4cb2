/** @file Photographs of any size and format as inputs of a network. */

import { type ImageShape, InputError, imageSize, type ModelCard } from '@pareidolia/core';
import sharp from 'sharp';

/** More pixels than this are not decoded. */
export const MOST_PIXELS = 100_000_000;

/**
 * Scales a picture as the card says (its shorter side, then the center cut out), or else so that it just covers the input,
 * bilinearly with averaging; turns it upright, puts transparency on white, and takes the channels that the network has.
 *
 * @returns one image, `C x H x W`, 8 bits
 * @throws InputError where the file is no picture, or has more than {@link MOST_PIXELS} pixels
 */
export async function readPhotograph(
  file: { readonly name: string; readonly bytes: Uint8Array },
  shape: ImageShape,
  card: ModelCard,
): Promise<Uint8Array> {
  const { channels, height, width } = shape;
  const plain = { kernel: 'linear', fastShrinkOnLoad: false } as const;
  try {
    const { width: w, height: h } = await sharp(file.bytes, { limitInputPixels: MOST_PIXELS }).autoOrient().metadata();
    const exact = w === width && h === height;
    let image = sharp(file.bytes, { limitInputPixels: MOST_PIXELS }).autoOrient().flatten({ background: '#fff' });
    const side = card.resize?.shorterSide;
    if (!exact && side !== undefined && side >= Math.max(height, width)) {
      const scale = side / Math.min(w, h);
      const [across, down] = [Math.max(width, Math.round(w * scale)), Math.max(height, Math.round(h * scale))];
      image = image.resize({ ...plain, width: across, height: down, fit: 'fill' }).extract({
        left: Math.floor((across - width) / 2),
        top: Math.floor((down - height) / 2),
        width,
        height,
      });
    } else if (!exact) image = image.resize({ ...plain, width, height, fit: 'cover' });
    image = image.toColorspace(channels === 1 ? 'b-w' : 'srgb').removeAlpha();
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const planes = new Uint8Array(imageSize(shape));
    const size = height * width;
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < size; i++) {
        planes[channel * size + i] = data[i * info.channels + Math.min(channel, info.channels - 1)]!;
      }
    }
    return planes;
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause);
    const why = /pixel limit/i.test(message)
      ? `it has more than ${MOST_PIXELS / 1e6} million pixels; make it smaller`
      : `${message}; give PNG, JPEG, WebP, GIF, AVIF or TIFF`;
    throw new InputError(`${file.name} cannot be read as an image: ${why}`, { cause });
  }
}
