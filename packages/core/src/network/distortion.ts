/** @file Small random distortions of training images, so that a network meets every image only once. */

import { type Images, imageSize } from '../image/images.ts';
import type { Random } from '../random/random.ts';

/** How far images are distorted. Zero everywhere leaves them as they are. */
export interface Distortion {
  /** Largest shift along each axis, in pixels. */
  readonly shift: number;
  /** Largest rotation, in radians. */
  readonly rotation: number;
  /** Largest relative change of size, for each axis by itself. */
  readonly scale: number;
  /** Standard deviation of an elastic displacement that varies over a quarter of the image, in pixels. */
  readonly elastic: number;
}

/** Cells along each axis of the grid that carries the elastic displacement. */
const CELLS = 4;
const NODES = CELLS + 1;

/**
 * Distorts each image of a batch by an affine map and a smooth displacement (Simard, Steinkraus and Platt 2003: "Best
 * practices for convolutional neural networks"; here displacements are drawn on a coarse grid and interpolated).
 * Outside the image all is black.
 */
export function distort(images: Images, distortion: Distortion, random: Random): Images {
  const data = new Uint8Array(images.data.length);
  const size = imageSize(images);
  const source = new Float32Array(2 * images.height * images.width);
  for (let i = 0; i < images.count; i++) {
    drawSources(images.height, images.width, distortion, random, source);
    for (let plane = 0; plane < images.channels; plane++) {
      const from = i * size + plane * images.height * images.width;
      resample(images.data, from, images.height, images.width, source, data);
    }
  }
  return { ...images, data };
}

/**
 * Draws where each pixel of the distorted image comes from.
 *
 * @param source receives row and column for each pixel
 */
function drawSources(
  height: number,
  width: number,
  distortion: Distortion,
  random: Random,
  source: Float32Array,
): void {
  const symmetric = (limit: number): number => limit * (2 * random.uniform() - 1);
  const angle = symmetric(distortion.rotation);
  const [scaleY, scaleX] = [1 + symmetric(distortion.scale), 1 + symmetric(distortion.scale)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2];
  const [startY, startX] = [middleY + symmetric(distortion.shift), middleX + symmetric(distortion.shift)];
  const grid = new Float32Array(2 * NODES * NODES);
  if (distortion.elastic > 0) for (let i = 0; i < grid.length; i++) grid[i] = distortion.elastic * random.normal();
  for (let row = 0; row < height; row++) {
    const y = scaleY * (row - middleY);
    const v = (row * CELLS) / height;
    for (let column = 0; column < width; column++) {
      const x = scaleX * (column - middleX);
      const u = (column * CELLS) / width;
      const at = 2 * (row * width + column);
      source[at] = startY + cos * y - sin * x + interpolate(grid, v, u, 0);
      source[at + 1] = startX + sin * y + cos * x + interpolate(grid, v, u, 1);
    }
  }
}

/** The displacement along one axis at (v, u) in units of cells. */
function interpolate(grid: Float32Array, v: number, u: number, axis: number): number {
  const row = Math.floor(v);
  const column = Math.floor(u);
  const [down, right] = [v - row, u - column];
  const at = 2 * (row * NODES + column) + axis;
  const above = grid[at]! + right * (grid[at + 2]! - grid[at]!);
  const below = grid[at + 2 * NODES]! + right * (grid[at + 2 * NODES + 2]! - grid[at + 2 * NODES]!);
  return above + down * (below - above);
}

/** Takes each pixel of one plane from its source, between pixels by bilinear interpolation. */
function resample(
  from: Uint8Array,
  offset: number,
  height: number,
  width: number,
  source: Float32Array,
  to: Uint8Array,
): void {
  const pixel = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : from[offset + row * width + column]!;
  for (let i = 0; i < height * width; i++) {
    const y = source[2 * i]!;
    const x = source[2 * i + 1]!;
    const row = Math.floor(y);
    const column = Math.floor(x);
    const [down, right] = [y - row, x - column];
    const above = pixel(row, column) * (1 - right) + pixel(row, column + 1) * right;
    const below = pixel(row + 1, column) * (1 - right) + pixel(row + 1, column + 1) * right;
    to[offset + i] = Math.round(above * (1 - down) + below * down);
  }
}
