/** @file 8-bit planes on a canvas. */

import type { ImageShape } from '@pareidolia/core';

/** Planes as the pixels of a canvas. */
export function toImageData(planes: Uint8Array, { channels, height, width }: ImageShape): ImageData {
  const pixels = height * width;
  const data = new ImageData(width, height);
  const [green, blue] = channels === 1 ? [0, 0] : [pixels, 2 * pixels];
  // A pixel at a time; all machines that browsers run on are little-endian.
  const words = new Uint32Array(data.data.buffer);
  for (let i = 0; i < pixels; i++) {
    words[i] = 0xff000000 | (planes[blue + i]! << 16) | (planes[green + i]! << 8) | planes[i]!;
  }
  return data;
}

/** Draws planes on a canvas, which takes their size. */
export function drawPlanes(canvas: HTMLCanvasElement, planes: Uint8Array, shape: ImageShape): void {
  if (canvas.width !== shape.width) canvas.width = shape.width;
  if (canvas.height !== shape.height) canvas.height = shape.height;
  canvas.getContext('2d')?.putImageData(toImageData(planes, shape), 0, 0);
}

/** The planes of what is drawn on a canvas, transparent parts over black. */
export function planesOf(image: ImageData, channels: 1 | 3): Uint8Array {
  const { data, height, width } = image;
  const pixels = height * width;
  const planes = new Uint8Array(channels * pixels);
  for (let i = 0; i < pixels; i++) {
    const alpha = data[4 * i + 3]! / 255;
    const [red, green, blue] = [data[4 * i]! * alpha, data[4 * i + 1]! * alpha, data[4 * i + 2]! * alpha];
    if (channels === 1) {
      // Luma of ITU-R BT.601, as image libraries take it.
      planes[i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
      continue;
    }
    planes[i] = Math.round(red);
    planes[pixels + i] = Math.round(green);
    planes[2 * pixels + i] = Math.round(blue);
  }
  return planes;
}
