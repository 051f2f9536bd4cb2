/** @file What a source of garbage is: images that show none of a classifier's classes, whatever these are. */

import { blankImages, type ImageShape, type Images, imageSize } from '../image/images.ts';
import type { Random } from '../random/random.ts';

/**
 * How images are made: of one color; by a formula; drawn by chance, pixel by pixel or smoothed; from real images; with a pen;
 * by a generator of regular images.
 */
export type GarbageKind = 'constant' | 'pattern' | 'noise' | 'derived' | 'drawn' | 'generated';

/** What a source may use besides chance. */
export interface GarbageInputs {
  /** Real images, of the shape that is made; at least one. */
  readonly images?: Images;
  /** For each channel the pixel in [0, 1] that the network receives as zero; 0.5 when absent. */
  readonly origin?: readonly number[];
}

/** A source of garbage. A new one is a file, a line in the registry, and a test. */
export interface GarbageSource {
  /** Unique and stable, of small letters, digits and hyphens: figures and findings are named by it. */
  readonly name: string;
  /** For people, in the middle of a sentence: `uniform noise`. */
  readonly title: string;
  /** What its images are, in one line. */
  readonly summary: string;
  readonly kind: GarbageKind;
  /** Whether it is made from real images: {@link make} must be given some. */
  readonly needsImages?: boolean;
  /** How many different images of a shape there are, where they are few and the same for every stream; 0 where none fits. */
  most?(shape: ImageShape): number;
  /** Whether its images show a class after all: letters to a network for letters. Never when absent. */
  shows?(classNames: readonly string[]): boolean;
  /**
   * Makes images.
   *
   * @param count at most {@link most}
   * @param random decides all that is left to chance
   */
  make(shape: ImageShape, count: number, random: Random, inputs?: GarbageInputs): Images;
}

/**
 * A batch made image by image.
 *
 * @param paint is given a black image, `channels x height x width`, and its place in the batch
 */
export function paintEach(shape: ImageShape, count: number, paint: (image: Uint8Array, index: number) => void): Images {
  const { channels, height, width } = shape;
  const images = blankImages({ channels, height, width }, count);
  const size = imageSize(shape);
  for (let i = 0; i < count; i++) paint(images.data.subarray(i * size, (i + 1) * size), i);
  return images;
}

/** A level 0 .. 255, every one with equal chances. */
export function randomLevel(random: Random): number {
  return random.uint32() >>> 24;
}
