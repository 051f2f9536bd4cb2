/** @file Images inside a page. */

import type { ImageShape } from '@pareidolia/core';
import { encode } from 'fast-png';
import { toBase64 } from './base64.ts';

/** Bytes that all images of a page may have together. */
export const PICTURE_BYTES = 16_000_000;

/** Images up to this many pixels a side are shown with their pixels as squares. */
const LARGEST_PIXELATED = 100;

/** Whether an image is small enough to be shown with its pixels as squares. */
export function isPixelated({ height, width }: Pick<ImageShape, 'height' | 'width'>): boolean {
  return Math.max(height, width) <= LARGEST_PIXELATED;
}

/** The bytes of a file as the source of an image element. */
export function dataUri(bytes: Uint8Array, type: 'image/png' | 'image/webp' = 'image/png'): string {
  return `data:${type};base64,${toBase64(bytes)}`;
}

/**
 * A PNG of one image.
 *
 * @param planes `C x H x W`, 8 bits
 */
export function encodePng(planes: Uint8Array, { channels, height, width }: ImageShape): Uint8Array {
  const pixels = height * width;
  const data = channels === 1 ? planes : new Uint8Array(channels * pixels);
  if (channels > 1) {
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < pixels; i++) data[channels * i + channel] = planes[channel * pixels + i]!;
    }
  }
  return encode({ width, height, data, channels, depth: 8 });
}
