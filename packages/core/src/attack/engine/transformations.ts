/** @file Random changes of an image that it should survive, each linear, with its transpose. */

import type { ImageShape } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';

/** The ranges that transformations are drawn from. */
export interface Ranges {
  /** Degrees to either side, about the center. */
  readonly rotation: number;
  /** Share of the size, up and down. */
  readonly scale: number;
  /** Pixels to either side, in both directions. */
  readonly translation: number;
  /** Added to all values, to either side. */
  readonly brightness: number;
  /** Factor on the deviation from the middle grey, up and down. */
  readonly contrast: number;
  /** Standard deviation of normal noise. */
  readonly noise: number;
}

/** One change: image to image, and gradients back. */
export interface Transformation {
  apply(image: Float32Array): Float32Array;
  /** The gradient with respect to the image, from the one with respect to the changed image. */
  transpose(gradient: Float32Array): Float32Array;
}

/** Four neighbors with their weights, for each pixel; a weight of 0 where a neighbor is outside. */
interface Stencil {
  readonly places: Int32Array;
  readonly weights: Float32Array;
}

/** Draws a transformation; outside of the image is black, values are cut to [0, 1] afterwards. */
export function drawTransformation(random: Random, shape: ImageShape, ranges: Ranges): Transformation {
  const spread = (range: number): number => range * (2 * random.uniform() - 1);
  const angle = (spread(ranges.rotation) * Math.PI) / 180;
  const scale = 1 + spread(ranges.scale);
  const shift = [spread(ranges.translation), spread(ranges.translation)] as const;
  const contrast = 1 + spread(ranges.contrast);
  const brightness = spread(ranges.brightness) + 0.5 * (1 - contrast);
  const still = angle === 0 && scale === 1 && shift[0] === 0 && shift[1] === 0;
  const stencil = still ? undefined : bilinear(shape, angle, scale, shift);
  const size = shape.channels * shape.height * shape.width;
  const noise =
    ranges.noise === 0 ? undefined : Float32Array.from({ length: size }, () => ranges.noise * random.normal());
  const plane = shape.height * shape.width;
  /** Values that were cut have no slope. */
  let inside = new Uint8Array(size);
  return {
    apply(image) {
      const moved = new Float32Array(size);
      for (let i = 0; i < size; i++) {
        let value = 0;
        if (stencil === undefined) value = image[i]!;
        else {
          const start = i - (i % plane);
          for (let k = 4 * (i % plane), end = k + 4; k < end; k++) {
            value += stencil.weights[k]! * image[start + stencil.places[k]!]!;
          }
        }
        moved[i] = contrast * value + brightness + (noise?.[i] ?? 0);
      }
      inside = Uint8Array.from(moved, (value) => Number(value >= 0 && value <= 1));
      return moved.map((value) => Math.min(1, Math.max(0, value)));
    },
    transpose(gradient) {
      const back = new Float32Array(size);
      for (let i = 0; i < size; i++) {
        if (inside[i] === 0) continue;
        const slope = contrast * gradient[i]!;
        if (stencil === undefined) {
          back[i]! += slope;
          continue;
        }
        const start = i - (i % plane);
        for (let k = 4 * (i % plane), end = k + 4; k < end; k++) {
          back[start + stencil.places[k]!]! += stencil.weights[k]! * slope;
        }
      }
      return back;
    },
  };
}

/** Where each pixel of the changed image comes from: rotated and scaled about the center, then shifted. */
function bilinear(
  { height, width }: ImageShape,
  angle: number,
  scale: number,
  [down, right]: readonly [number, number],
): Stencil {
  const places = new Int32Array(4 * height * width);
  const weights = new Float32Array(4 * height * width);
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [y, x] = [row - middleRow - down, column - middleColumn - right];
      const [fromRow, fromColumn] = [middleRow + cos * y - sin * x, middleColumn + sin * y + cos * x];
      const [top, left] = [Math.floor(fromRow), Math.floor(fromColumn)];
      for (let corner = 0; corner < 4; corner++) {
        const [r, c] = [top + (corner >> 1), left + (corner & 1)];
        if (r < 0 || c < 0 || r >= height || c >= width) continue;
        const at = 4 * (row * width + column) + corner;
        places[at] = r * width + c;
        weights[at] = (1 - Math.abs(fromRow - r)) * (1 - Math.abs(fromColumn - c));
      }
    }
  }
  return { places, weights };
}
