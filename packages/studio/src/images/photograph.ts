/** @file From an image file to what a network takes. */

import type { StudioModel } from '@pareidolia/studio';
import { planesOf } from './draw.ts';

/** The largest file and the most pixels that are opened. */
const [MOST_BYTES, MOST_PIXELS] = [64 * 1024 * 1024, 100_000_000];

/**
 * Opens an image, upright, scales its shorter side as the model's card says, and cuts out the middle.
 *
 * @throws Error with a sentence where it is no image
 */
export async function openPhotograph(file: Blob & { readonly name?: string }, model: StudioModel): Promise<Uint8Array> {
  const name = file.name ?? 'The file';
  if (file.size > MOST_BYTES) throw new Error(`${name} is larger than 64 MB; choose a smaller image`);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${name} is no image that this browser can open; choose a PNG or JPEG file`);
  });
  try {
    if (bitmap.width * bitmap.height > MOST_PIXELS)
      throw new Error(`${name} has too many pixels; choose a smaller image`);
    const { channels, height, width } = model.shape;
    // A card's shorter side is that of the whole; what the network takes is cut out of its middle.
    const shorter = Math.max(model.resize ?? 0, Math.min(height, width));
    const scale = Math.max(
      shorter / Math.min(bitmap.width, bitmap.height),
      height / bitmap.height,
      width / bitmap.width,
    );
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('This browser gives no canvas to draw on');
    context.imageSmoothingQuality = 'high';
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
    return planesOf(context.getImageData(0, 0, width, height), channels);
  } finally {
    bitmap.close();
  }
}
