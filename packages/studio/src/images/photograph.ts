/** @file From an image file to what a network takes. */

import type { StudioModel } from '@pareidolia/studio';
import { planesOf } from './draw.ts';
import { requirePicture } from './picture-size.ts';

/** The largest file that is opened. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Opens an image, upright, and brings it to the size of the network's input as the model's card says.
 *
 * @throws Error with a sentence where it is no image, or has too many pixels
 */
export async function openPhotograph(file: Blob & { readonly name?: string }, model: StudioModel): Promise<Uint8Array> {
  const name = file.name ?? 'The file';
  if (file.size > MOST_BYTES) throw new Error(`${name} is larger than 64 MB; choose a smaller image`);
  requirePicture(new Uint8Array(await file.arrayBuffer()), name);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${name} is no image that this browser can open; choose a PNG or JPEG file`);
  });
  try {
    const { channels, height, width } = model.shape;
    const { mode = 'crop', shorterSide = 0, filter } = model.resize ?? {};
    // A card's shorter side is that of the whole; what the network takes is cut out of its middle.
    const covering = Math.max(
      Math.max(shorterSide, Math.min(height, width)) / Math.min(bitmap.width, bitmap.height),
      height / bitmap.height,
      width / bitmap.width,
    );
    const scale = mode === 'pad' ? Math.min(height / bitmap.height, width / bitmap.width) : covering;
    const [w, h] = mode === 'squash' ? [width, height] : [bitmap.width * scale, bitmap.height * scale];
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('This browser gives no canvas to draw on');
    context.imageSmoothingEnabled = filter !== 'nearest';
    context.imageSmoothingQuality = 'high';
    context.fillStyle = '#000';
    if (mode === 'pad') context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
    return planesOf(context.getImageData(0, 0, width, height), channels);
  } finally {
    bitmap.close();
  }
}
