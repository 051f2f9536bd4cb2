/** @file The pictures inside the page: the files themselves, or reduced previews where they would make it too heavy. */

import type { ImageShape } from '@pareidolia/core';
import type { ClassResult } from './report-data.ts';

/** What all pictures of a page may weigh together, in bytes of files. */
export const PICTURE_BUDGET = 16_000_000;

/** Longer side of a preview, in pixels. */
const PREVIEW_SIDE = 128;

export interface Thumbnails {
  /** `data:` URIs, in the order of the classes; `undefined` where the picture is left out. */
  readonly sources: readonly (string | undefined)[];
  /** Whether the sources are previews, smaller than the files and not exact. */
  readonly reduced: boolean;
  /** How many pictures had no room. */
  readonly leftOut: number;
}

/** @param budget bytes */
export async function thumbnails(
  classes: readonly ClassResult[],
  shape: ImageShape,
  budget = PICTURE_BUDGET,
): Promise<Thumbnails> {
  const weight = classes.reduce((sum, { png }) => sum + png.length, 0);
  const reduced = weight > budget && Math.max(shape.height, shape.width) > PREVIEW_SIDE;
  const sources: (string | undefined)[] = [];
  let left = budget;
  for (const { png } of classes) {
    const bytes = reduced ? await preview(png) : png;
    left -= bytes.length;
    const source = `data:image/${reduced ? 'webp' : 'png'};base64,${Buffer.from(bytes).toString('base64')}`;
    sources.push(left >= 0 ? source : undefined);
  }
  return { sources, reduced, leftOut: sources.filter((source) => source === undefined).length };
}

async function preview(png: Uint8Array): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  return sharp(png)
    .resize({ width: PREVIEW_SIDE, height: PREVIEW_SIDE, fit: 'inside' })
    .webp({ quality: 75, effort: 1 })
    .toBuffer();
}
