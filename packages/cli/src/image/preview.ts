import sharp from 'sharp';

/**
 * A smaller copy of an image, for pages that cannot hold the file.
 *
 * @param png the file
 * @param side the longer side of the copy, in pixels
 * @returns a WebP file
 */
export async function makePreview(png: Uint8Array, side: number): Promise<Uint8Array> {
  return sharp(png).resize({ width: side, height: side, fit: 'inside' }).webp({ quality: 75, effort: 1 }).toBuffer();
}
