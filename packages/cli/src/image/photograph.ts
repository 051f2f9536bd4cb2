/** @file Photographs of any size and format as inputs of a network. */

import { type ImageShape, InputError, imageSize, type ModelCard } from '@pareidolia/core';
import sharp, { type Sharp } from 'sharp';
import { decodeBmp, isBmp } from './bmp.ts';
import { isSvg, undecodable } from './picture-format.ts';

/** More pixels than this are not decoded. */
export const MOST_PIXELS = 100_000_000;

/** sharp's names of the card's filters; all average where they make an image smaller. */
const KERNELS = { nearest: 'nearest', bilinear: 'linear', bicubic: 'cubic', lanczos: 'lanczos3' } as const;

/** What of a picture an image does not show: all frames or pages but the first, or that it was put on white. */
export type PictureNote = 'more frames' | 'transparent';

/**
 * Turns a picture upright as its EXIF orientation says, takes the first of its frames, puts transparency on white, brings it to the size of the input as the card's field `resize` says,
 * and takes the channels that the network has. A picture that has the size already stays as it is.
 *
 * @param onNote told what the image does not show
 * @returns one image, `C x H x W`, 8 bits
 * @throws InputError where the file is no picture of pixels, or has more than {@link MOST_PIXELS} pixels
 */
export async function readPhotograph(
  file: { readonly name: string; readonly bytes: Uint8Array },
  shape: ImageShape,
  card: Pick<ModelCard, 'resize'>,
  onNote: (note: PictureNote) => void = () => {},
): Promise<Uint8Array> {
  const { channels, height, width } = shape;
  try {
    if (isSvg(file.bytes)) {
      throw new Error('it is SVG, a drawing without pixels of its own; draw it at the size you want as PNG');
    }
    const opened = await openPicture(file.bytes, onNote);
    const { width: w, height: h } = opened.size;
    const upright = opened.image.autoOrient().flatten({ background: '#fff' });
    let image = w === width && h === height ? upright : resized(upright, opened.size, shape, card.resize);
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
      : (undecodable(file.bytes) ??
        (message.startsWith('it ') ? message : `${message}; give PNG, JPEG, WebP, GIF, AVIF, TIFF or BMP`));
    throw new InputError(`${file.name} cannot be read as an image: ${why}`, { cause });
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A picture of 8 or 16 bits, and its size once it is upright. */
async function openPicture(
  bytes: Uint8Array,
  onNote: (note: PictureNote) => void,
): Promise<{ readonly image: Sharp; readonly size: Size }> {
  if (isBmp(bytes)) {
    const { data, width, height, channels } = decodeBmp(bytes, MOST_PIXELS);
    if (channels === 4 && data.some((value, i) => i % 4 === 3 && value < 255)) onNote('transparent');
    return { image: sharp(data, { raw: { width, height, channels } }), size: { width, height } };
  }
  const image = sharp(bytes, { limitInputPixels: MOST_PIXELS });
  const { autoOrient, depth, space, pages = 1, hasAlpha } = await image.metadata();
  if (pages > 1) onNote('more frames');
  if (hasAlpha && !(await image.stats()).isOpaque) onNote('transparent');
  const size = { width: autoOrient.width, height: autoOrient.height };
  if (depth !== 'float' && depth !== 'double') return { image, size };
  // libvips takes floats for linear light; they are what 8-bit files hold, divided by 255.
  return { image: await ofFloats(space === 'scrgb' ? image.toColorspace('scrgb') : image), size };
}

/**
 * A picture of floating-point numbers in 8 bits. Where all are within 0 and 1, 1 is white, as programs for images write them;
 * where they go further, 255 is.
 *
 * @throws Error where they are below 0 or above 255, since nothing says what is white
 */
async function ofFloats(image: Sharp): Promise<Sharp> {
  const { data, info } = await image.autoOrient().raw({ depth: 'float' }).toBuffer({ resolveWithObject: true });
  const floats = new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of floats) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (!(least >= 0 && most <= 255)) {
    throw new Error(`its floating-point values run from ${least} to ${most}, not from 0 to 1 or from 0 to 255`);
  }
  const scale = most <= 1 ? 255 : 1;
  const { width, height, channels } = info;
  const pixels = Uint8Array.from(floats, (value) => Math.round(value * scale));
  return sharp(pixels, { raw: { width, height, channels: channels as 1 | 2 | 3 | 4 } });
}

function resized(image: Sharp, from: Size, to: Size, resize: ModelCard['resize']): Sharp {
  const { width, height } = to;
  const { mode = 'crop', shorterSide: side, filter = 'bilinear' } = resize ?? {};
  const how = { kernel: KERNELS[filter], fastShrinkOnLoad: false } as const;
  if (mode === 'squash') return image.resize({ ...how, width, height, fit: 'fill' });
  if (mode === 'pad') return image.resize({ ...how, width, height, fit: 'contain', background: '#000' });
  if (side === undefined || side < Math.max(height, width))
    return image.resize({ ...how, width, height, fit: 'cover' });
  const scale = side / Math.min(from.width, from.height);
  const [across, down] = [
    Math.max(width, Math.round(from.width * scale)),
    Math.max(height, Math.round(from.height * scale)),
  ];
  return image.resize({ ...how, width: across, height: down, fit: 'fill' }).extract({
    left: Math.floor((across - width) / 2),
    top: Math.floor((down - height) / 2),
    width,
    height,
  });
}
