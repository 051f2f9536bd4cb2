/** @file The images inside the page: the files themselves, or previews where the files would make it too heavy. */

import type { ImageShape } from '@pareidolia/core';
import { dataUri, PICTURE_BYTES } from '../picture.ts';
import type { ClassResult } from './fool-report-data.ts';

/** Longer side of a preview, in pixels. */
const PREVIEW_SIDE = 128;

/**
 * Makes a smaller copy of an image; a page does not decode images itself.
 *
 * @param png the file
 * @param side the longer side of the copy, in pixels
 * @returns the bytes of a WebP file
 */
export type MakePreview = (png: Uint8Array, side: number) => Promise<Uint8Array>;

/** The images of a page. */
export interface Thumbnails {
  /** `data:` URIs, in the order of the classes; `undefined` where the image is left out. */
  readonly sources: readonly (string | undefined)[];
  /** Whether the sources are previews, smaller than the files. */
  readonly reduced: boolean;
  /** How many images had no room. */
  readonly leftOut: number;
}

/** @param budget bytes of all images together */
export async function thumbnails(
  classes: readonly ClassResult[],
  shape: ImageShape,
  makePreview?: MakePreview,
  budget = PICTURE_BYTES,
): Promise<Thumbnails> {
  const weight = classes.reduce((sum, { png }) => sum + png.length, 0);
  const preview = weight > budget && Math.max(shape.height, shape.width) > PREVIEW_SIDE ? makePreview : undefined;
  const sources: (string | undefined)[] = [];
  let left = budget;
  for (const { png } of classes) {
    const bytes = (await preview?.(png, PREVIEW_SIDE)) ?? png;
    left -= bytes.length;
    sources.push(left >= 0 ? dataUri(bytes, preview === undefined ? 'image/png' : 'image/webp') : undefined);
  }
  const leftOut = sources.filter((source) => source === undefined).length;
  return { sources, reduced: preview !== undefined, leftOut };
}
