/** @file What is measured of an image beside its confidences, so that an archive can keep images that differ in it. */

import type { Scorer } from '../classifier/classifier.ts';
import type { Encoding } from '../encoding/encoding.ts';
import type { Images } from '../image/images.ts';
import type { HiddenActivations } from './hidden-activations.ts';

/** One measure of images, ready to be taken. */
export interface Measure {
  /** As on the command line, for example `brightness`. */
  readonly name: string;
  /** For an axis: a phrase with its unit. */
  readonly title: string;
  /** The range that an archive divides; what lies beyond counts as at the border. */
  readonly lower: number;
  readonly upper: number;
  /** One number for each of N images. */
  of(images: Images): Promise<Float64Array> | Float64Array;
}

/** What a measure is made for. */
export interface MeasureContext {
  readonly scorer: Scorer;
  /** Of the search: what its random images look like decides the axes of hidden activations. */
  readonly encoding: Encoding;
  readonly seed: number;
  /** The main directions of the activations of a hidden layer; made when first asked for, and once for all measures. */
  hidden(): Promise<HiddenActivations>;
}

/** A measure that can be chosen by name. */
export interface MeasureKind {
  readonly name: string;
  /** What it measures, in one line. */
  readonly summary: string;
  /** @throws InputError where the classifier lacks what it needs */
  create(context: MeasureContext): Promise<Measure> | Measure;
}

/**
 * Registers a measure of pixels alone.
 *
 * @param kind `ofImage` gets one image as `C x H x W`
 */
export function pixelMeasure(kind: {
  readonly name: string;
  readonly summary: string;
  readonly title: string;
  readonly lower: number;
  readonly upper: number;
  readonly ofImage: (planes: Uint8Array, shape: Pick<Images, 'channels' | 'height' | 'width'>) => number;
}): MeasureKind {
  const { name, summary, title, lower, upper, ofImage } = kind;
  const of = (images: Images): Float64Array => {
    const size = images.channels * images.height * images.width;
    return Float64Array.from({ length: images.count }, (_, row) =>
      ofImage(images.data.subarray(row * size, (row + 1) * size), images),
    );
  };
  return { name, summary, create: () => ({ name, title, lower, upper, of }) };
}
