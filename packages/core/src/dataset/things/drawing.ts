/** @file A drawing: shapes on top of each other, and how it becomes pixels. */

import type { Color, Paint } from './color.ts';
import type { Shape } from './shape.ts';

/** One shape with its paint; later ones cover earlier ones. */
export interface Layer {
  readonly shape: Shape;
  readonly paint: Paint;
}

/** Where a thing stands in the picture: its own square of [-1, 1] is turned, stretched and moved. */
export interface Placement {
  /** Half the side of its square, in units of the picture. */
  readonly scale: number;
  /** Width over height. */
  readonly stretch: number;
  /** In radians, clockwise. */
  readonly angle: number;
  readonly isMirrored: boolean;
  /** Of its middle, likewise. */
  readonly x: number;
  readonly y: number;
}

/** Samples along each axis of a pixel. */
const SAMPLES = 2;

/**
 * Draws a background, a thing on it, and what stands in front of it.
 *
 * @param background by units
 * @param front by units
 * @param side of the picture in pixels, each of which is `unit` long
 * @param image receives 3 x side x side levels, 0 .. 1
 */
export function drawLayers(
  background: Paint,
  thing: readonly Layer[],
  front: readonly Layer[],
  { scale, stretch, angle, isMirrored, x: middleX, y: middleY }: Placement,
  { side, unit }: { readonly side: number; readonly unit: number },
  image: Float32Array,
): void {
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const mirror = isMirrored ? -1 : 1;
  const area = side * side;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      let [red, green, blue] = [0, 0, 0];
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const x = unit * (column + ((sample % SAMPLES) + 0.5) / SAMPLES);
        const y = unit * (row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES);
        const [dx, dy] = [x - middleX, y - middleY];
        const u = (mirror * (cos * dx + sin * dy)) / stretch;
        const v = (cos * dy - sin * dx) * stretch;
        const color = topmost(front, x, y) ?? topmost(thing, u, v) ?? background(x, y);
        red += color[0];
        green += color[1];
        blue += color[2];
      }
      const at = row * side + column;
      const share = 1 / (SAMPLES * SAMPLES);
      image[at] = share * red;
      image[area + at] = share * green;
      image[2 * area + at] = share * blue;
    }
  }
}

function topmost(layers: readonly Layer[], x: number, y: number): Color | undefined {
  for (let i = layers.length - 1; i >= 0; i--) {
    const { shape, paint } = layers[i]!;
    if (shape(x, y)) return paint(x, y);
  }
  return undefined;
}
