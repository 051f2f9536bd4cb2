/** @file Small pictures of images. */

import { type ImageShape, imageSize } from '@pareidolia/core';
import type { Picture } from './protocol.ts';

/** The shape with no side longer than `size`; the same shape where it fits. */
export function thumbnailShape({ channels, height, width }: ImageShape, size: number): ImageShape {
  const scale = Math.max(1, Math.max(height, width) / size);
  return {
    channels,
    height: Math.max(1, Math.round(height / scale)),
    width: Math.max(1, Math.round(width / scale)),
  };
}

/** Each pixel is the mean of those that it stands for. */
export function thumbnail(planes: Uint8Array, shape: ImageShape, size: number): Picture {
  const small = thumbnailShape(shape, size);
  if (small.height === shape.height && small.width === shape.width) return { ...shape, planes };
  const result = new Uint8Array(imageSize(small));
  let at = 0;
  for (let channel = 0; channel < shape.channels; channel++) {
    const plane = planes.subarray(channel * shape.height * shape.width, (channel + 1) * shape.height * shape.width);
    for (let row = 0; row < small.height; row++) {
      const [top, bottom] = span(row, small.height, shape.height);
      for (let column = 0; column < small.width; column++) {
        const [left, right] = span(column, small.width, shape.width);
        let sum = 0;
        for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += plane[y * shape.width + x]!;
        result[at++] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return { ...small, planes: result };
}

function span(index: number, small: number, large: number): [from: number, to: number] {
  const from = Math.floor((index * large) / small);
  return [from, Math.max(from + 1, Math.floor(((index + 1) * large) / small))];
}
