/** @file How large a picture is, as its header says, before a browser makes pixels of it. */

import { disableTypes, imageSize } from 'image-size';

/** The most pixels, and the longest side, that are opened: browsers stall on more, or take gigabytes. */
const [MOST_PIXELS, LONGEST_SIDE] = [100_000_000, 32_767];

/** Formats that browsers open and that hold pixels. */
const FORMATS = new Set(['png', 'jpg', 'gif', 'webp', 'bmp', 'avif', 'heif', 'ico']);

// What no browser opens need not be looked through.
disableTypes(['cur', 'dds', 'icns', 'j2c', 'jp2', 'jxl', 'jxl-stream', 'ktx', 'pnm', 'psd', 'tga', 'tiff']);

/**
 * Checks the header of a picture.
 *
 * @param name the file's, for the error
 * @throws Error with a sentence where it is no picture of a known format, or a larger one than is opened
 */
export function requirePicture(bytes: Uint8Array, name: string): void {
  const { type, width, height } = headerOf(bytes);
  if (type === 'svg') throw new Error(`${name} is a drawing (SVG), which has no pixels; save it as PNG`);
  if (type === undefined || !FORMATS.has(type) || !(width > 0 && height > 0)) {
    throw new Error(`${name} is no image that this browser can open; choose a PNG or JPEG file`);
  }
  if (width * height > MOST_PIXELS || Math.max(width, height) > LONGEST_SIDE) {
    throw new Error(
      `${name} has ${width} x ${height} pixels; choose a smaller image, of at most ${MOST_PIXELS / 1e6} million`,
    );
  }
}

function headerOf(bytes: Uint8Array): { readonly type?: string; readonly width: number; readonly height: number } {
  try {
    const { type, width, height } = imageSize(bytes);
    return { ...(type === undefined ? {} : { type }), width, height };
  } catch {
    return { width: 0, height: 0 };
  }
}
