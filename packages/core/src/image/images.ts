/** @file What an image is: 8-bit planes, just what a PNG can hold. */

import { InputError } from '../errors.ts';

/** The shape of one image. */
export interface ImageShape {
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

/** A batch of 8-bit images of one shape. */
export interface Images extends ImageShape {
  readonly count: number;
  /** `count x channels x height x width`, row-major, planes one after the other, values 0 .. 255. */
  readonly data: Uint8Array;
}

/** A batch of images in floating point, values in [0, 1], for methods that follow a gradient. */
export interface FloatImages extends ImageShape {
  readonly count: number;
  /** `count x channels x height x width`. */
  readonly data: Float32Array;
}

/** The number of values in one image. */
export function imageSize(shape: ImageShape): number {
  return shape.channels * shape.height * shape.width;
}

/** Whether images have the same channels and sides. */
export function isSameShape(one: ImageShape, other: ImageShape): boolean {
  return one.channels === other.channels && one.height === other.height && one.width === other.width;
}

/**
 * Holds a batch against the shape that its images have to have. Everything that takes images from outside calls this once.
 *
 * @param where who takes them, as the beginning of a sentence
 * @throws InputError where the shape is another one, the number of images is none, or the data are not `count x C x H x W`
 * values in a Uint8Array or a Float32Array
 */
export function requireImages(images: Images | FloatImages, shape: ImageShape, where: string): void {
  const { channels, height, width, count, data } = images;
  if (channels !== shape.channels || height !== shape.height || width !== shape.width) {
    throw new InputError(
      `${where} takes images of ${shape.channels} x ${shape.height} x ${shape.width}, these are ${channels} x ${height} x ${width}; resize them`,
    );
  }
  if (!(Number.isSafeInteger(count) && count >= 0)) {
    throw new InputError(`${where} cannot take ${count} images; give their number as a whole number`);
  }
  if (!(data instanceof Uint8Array || data instanceof Float32Array)) {
    throw new InputError(
      `${where} takes pixels in a Uint8Array (0 to 255) or a Float32Array (0 to 1), not in ${typeNameOf(data)}; copy them into one of these`,
    );
  }
  if (data.length !== count * imageSize(shape)) {
    throw new InputError(
      `${where} takes ${count * imageSize(shape)} values for ${count} images of ${channels} x ${height} x ${width}, these are ${data.length}; give all of them, or the right count`,
    );
  }
}

/** `Float64Array`, `Array`, `undefined`. */
function typeNameOf(value: unknown): string {
  return value === undefined || value === null ? String(value) : Object.prototype.toString.call(value).slice(8, -1);
}

/** An all-black batch. */
export function blankImages(shape: ImageShape, count: number): Images {
  const { channels, height, width } = shape;
  return { channels, height, width, count, data: new Uint8Array(count * imageSize(shape)) };
}

/** The images `from .. to` (exclusive) as a view on the same memory. */
export function sliceImages<T extends Images | FloatImages>(images: T, from: number, to: number): T {
  const size = imageSize(images);
  // A view is of the same type as its array.
  return { ...images, count: to - from, data: images.data.subarray(from * size, to * size) } as T;
}

/** Some images of a batch, in the order of their places, copied into a batch of their own. */
export function selectImages(images: Images, places: readonly number[]): Images {
  const size = imageSize(images);
  const data = new Uint8Array(places.length * size);
  places.forEach((place, row) => {
    data.set(images.data.subarray(place * size, (place + 1) * size), row * size);
  });
  return { ...images, count: places.length, data };
}

/**
 * Batches of one shape, one behind the other, copied into one.
 *
 * @param batches at least one
 */
export function concatenated<T extends Images | FloatImages>(batches: readonly T[]): T {
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const length = batches.reduce((sum, batch) => sum + batch.data.length, 0);
  const data = batches[0]!.data instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  let end = 0;
  for (const batch of batches) {
    data.set(batch.data, end);
    end += batch.data.length;
  }
  return { ...batches[0]!, count, data };
}

/** Rounds to the 256 levels of a PNG; the counterpart of {@link toFloat}. Values outside [0, 1] are clipped. */
export function toBytes(images: FloatImages): Images {
  const data = new Uint8Array(images.data.length);
  for (let i = 0; i < data.length; i++) {
    const value = images.data[i]! * 255;
    data[i] = value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value);
  }
  return { ...images, data };
}

/** The same images with values in [0, 1]. */
export function toFloat(images: Images): FloatImages {
  const data = new Float32Array(images.data.length);
  for (let i = 0; i < data.length; i++) data[i] = images.data[i]! / 255;
  return { ...images, data };
}
