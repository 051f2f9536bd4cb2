import type { ImageShape } from '@pareidolia/core';

/** Grey levels that are taken together when the background is looked for. */
const BIN = 16;

/** A region of pixels (places in `H x W`) that touch side by side. */
export type Component = readonly number[];

/** The most common grey: the mean of the fullest of 16 bins. */
export function backgroundOf(grey: Float32Array): number {
  const counts = new Float64Array(256 / BIN);
  const sums = new Float64Array(256 / BIN);
  for (const value of grey) {
    const bin = Math.min(counts.length - 1, Math.floor(value / BIN));
    counts[bin]!++;
    sums[bin]! += value;
  }
  const fullest = counts.indexOf(Math.max(...counts));
  return sums[fullest]! / counts[fullest]!;
}

/**
 * Regions whose pixels differ from the background by more than a threshold and touch side by side, the largest first; those
 * smaller than `least` pixels are left out.
 */
export function connectedComponents(
  grey: Float32Array,
  { height, width }: Pick<ImageShape, 'height' | 'width'>,
  { background, threshold, least }: { readonly background: number; readonly threshold: number; readonly least: number },
): readonly Component[] {
  const open = Uint8Array.from(grey, (value) => Number(Math.abs(value - background) > threshold));
  const found: number[][] = [];
  for (let start = 0; start < open.length; start++) {
    if (open[start] === 0) continue;
    const region = [start];
    open[start] = 0;
    for (let next = 0; next < region.length; next++) {
      const place = region[next]!;
      const [row, column] = [Math.floor(place / width), place % width];
      const neighbors = [
        row > 0 ? place - width : -1,
        row < height - 1 ? place + width : -1,
        column > 0 ? place - 1 : -1,
        column < width - 1 ? place + 1 : -1,
      ];
      for (const neighbor of neighbors) {
        if (neighbor < 0 || open[neighbor] === 0) continue;
        open[neighbor] = 0;
        region.push(neighbor);
      }
    }
    if (region.length >= least) found.push(region);
  }
  return found.sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

/** The components that repeat: the largest group in which none is more than three times as large as another; two at least. */
export function repeatedComponents(components: readonly Component[]): readonly Component[] {
  let best: readonly Component[] = [];
  components.forEach((largest, from) => {
    const group = components.slice(from).filter((one) => one.length * 3 >= largest.length);
    if (group.length > best.length) best = group;
  });
  return best.length >= 2 ? best : [];
}

/** The image with some pixels in the mean color of the background's pixels. */
export function without(
  planes: Uint8Array,
  { channels, height, width }: ImageShape,
  pixels: Iterable<number>,
  grey: Float32Array,
  background: number,
): Uint8Array {
  const size = height * width;
  const result = planes.slice();
  const behind = Array.from(grey.keys()).filter((i) => Math.abs(grey[i]! - background) <= BIN);
  const color = Array.from({ length: channels }, (_, channel) => {
    const sum = behind.reduce((total, i) => total + planes[channel * size + i]!, 0);
    return Math.round(sum / Math.max(1, behind.length));
  });
  for (const pixel of pixels) {
    for (let channel = 0; channel < channels; channel++) result[channel * size + pixel] = color[channel]!;
  }
  return result;
}
