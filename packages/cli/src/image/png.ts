/** @file Images as PNG files, 8 bits a channel, grey or color: what is scored is what the file holds. */

import { type ImageShape, type Images, InputError, imageSize } from '@pareidolia/core';
import sharp from 'sharp';

/**
 * @param planes one image, `C x H x W`
 * @returns a PNG; the same bytes for the same image
 */
export async function encodePng(planes: Uint8Array, shape: ImageShape): Promise<Uint8Array> {
  const { channels, height, width } = shape;
  const raw = { width, height, channels };
  const image = sharp(interleave(planes, shape), { raw });
  // A grey image stays grey; by default sharp would write three equal channels.
  if (channels === 1) image.toColorspace('b-w');
  return image.png({ compressionLevel: 9 }).toBuffer();
}

/**
 * Decodes PNGs of one shape, in their order.
 *
 * @param files with names for errors
 * @throws InputError where one is no PNG, or of another shape
 */
export async function decodePngs(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  shape: ImageShape,
): Promise<Images> {
  const size = imageSize(shape);
  const data = new Uint8Array(files.length * size);
  await Promise.all(
    files.map(async ({ name, bytes }, index) => {
      data.set(await decodePng(bytes, shape, name), index * size);
    }),
  );
  return { ...shape, count: files.length, data };
}

async function decodePng(bytes: Uint8Array, shape: ImageShape, name: string): Promise<Uint8Array> {
  const { channels, height, width } = shape;
  const image = sharp(bytes, { limitInputPixels: height * width });
  if (channels === 1) image.toColorspace('b-w');
  const { data, info } = await image
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new InputError(`${name} cannot be read as an image of ${width} x ${height} pixels: ${reason(cause)}`, {
        cause,
      });
    });
  if (info.width !== width || info.height !== height || info.channels !== channels) {
    throw new InputError(
      `${name} has ${info.width} x ${info.height} pixels and ${info.channels} channels, expected ${width} x ${height} and ${channels}`,
    );
  }
  return deinterleave(data, shape);
}

/** Planes to pixels. */
function interleave(planes: Uint8Array, { channels, height, width }: ImageShape): Uint8Array {
  if (channels === 1) return planes;
  const pixels = new Uint8Array(planes.length);
  const size = height * width;
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < size; i++) pixels[i * channels + channel] = planes[channel * size + i]!;
  }
  return pixels;
}

/** Pixels to planes. */
function deinterleave(pixels: Uint8Array, { channels, height, width }: ImageShape): Uint8Array {
  if (channels === 1) return pixels;
  const planes = new Uint8Array(pixels.length);
  const size = height * width;
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < size; i++) planes[channel * size + i] = pixels[i * channels + channel]!;
  }
  return planes;
}

function reason(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause);
}
