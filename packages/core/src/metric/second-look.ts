/**
 * @file Whether an image resembles the pictures of a class, by a second look that has nothing to do with the network: template
 * matching by normalized cross-correlation (Lewis 1995) with the mean picture of the class, over positions, sizes and contrasts.
 */

import type { Dataset } from '../dataset/dataset.ts';
import { type ImageShape, imageSize } from '../image/images.ts';

/** Side of the copies that are compared, in cells. */
const SIDE = 14;

/** Cells that a copy is moved by at most, in each direction. */
const REACH = 3;

/** Sizes at which an image is looked at, as multiples of its own. */
const SIZES = [0.6, 0.75, 1, 1.3] as const;

/** Share of the pictures of a class that resemble it less than its threshold. */
const MISSED = 0.05;

const CELLS = SIDE * SIDE;

/** Looks at images and knows the mean picture of each class. */
export class SecondLook {
  /**
   * For each class the resemblance from which an image counts as resembling it: all but 5 % of pictures of the class, others than
   * those of the mean, reach it.
   */
  readonly thresholds: readonly number[];
  readonly #means: readonly Float64Array[];
  readonly #shape: ImageShape;

  /**
   * @param pictures of every class, from which the means are made
   * @param others of every class, of the same shape, for the thresholds
   */
  constructor(pictures: Dataset, others: Dataset) {
    const { channels, height, width } = pictures.images;
    this.#shape = { channels, height, width };
    this.#means = pictures.classNames.map((_, classIndex) => {
      const mean = new Float64Array(CELLS);
      for (const image of ofClass(pictures, classIndex)) {
        copyAt(image, this.#shape, 1).forEach((value, cell) => {
          mean[cell]! += value;
        });
      }
      return mean;
    });
    this.thresholds = others.classNames.map((_, classIndex) => {
      const all = ofClass(others, classIndex).map((image) => this.resemblance(image, classIndex));
      return all.sort((a, b) => a - b)[Math.floor(MISSED * all.length)] ?? 1;
    });
  }

  /**
   * The largest absolute correlation of the image with the mean picture of a class, in [0, 1], where the image is moved by up to
   * 3/14 of its side and shown at 0.6 to 1.3 times its size; a negative counts as much as the picture. 0 for a plain image.
   *
   * @param image `C x H x W`, 8 bits, of the shape of the pictures
   */
  resemblance(image: Uint8Array, classIndex: number): number {
    const mean = this.#means[classIndex]!;
    let most = 0;
    for (const size of SIZES) {
      const copy = copyAt(image, this.#shape, size);
      for (let dy = -REACH; dy <= REACH; dy++) {
        for (let dx = -REACH; dx <= REACH; dx++) most = Math.max(most, Math.abs(correlation(copy, mean, dy, dx)));
      }
    }
    return most;
  }

  /** Whether the resemblance reaches the threshold of the class. */
  resembles(image: Uint8Array, classIndex: number): boolean {
    return this.resemblance(image, classIndex) >= this.thresholds[classIndex]!;
  }
}

function ofClass({ images, labels }: Dataset, classIndex: number): Uint8Array[] {
  const size = imageSize(images);
  return [...labels].flatMap((label, at) =>
    label === classIndex ? [images.data.subarray(at * size, (at + 1) * size) as Uint8Array] : [],
  );
}

/** A grey copy of `SIDE x SIDE` cells about the centre; beyond the edge, the edge goes on. */
function copyAt(image: Uint8Array, { channels, height, width }: ImageShape, size: number): Float64Array {
  const copy = new Float64Array(CELLS);
  const place = (cell: number, length: number): number => {
    const at = (cell / SIDE - 0.5) * (length / size) + length / 2 - 0.5;
    return Math.min(length - 1, Math.max(0, Math.round(at)));
  };
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      let sum = 0;
      for (const dy of [0.25, 0.75]) {
        for (const dx of [0.25, 0.75]) {
          const at = place(y + dy, height) * width + place(x + dx, width);
          for (let channel = 0; channel < channels; channel++) sum += image[channel * height * width + at]!;
        }
      }
      copy[y * SIDE + x] = sum;
    }
  }
  return copy;
}

/** Pearson's correlation of a copy, moved, with a mean; 0 where one of them is plain. */
function correlation(copy: Float64Array, mean: Float64Array, dy: number, dx: number): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let y = 0; y < SIDE; y++) {
    const row = Math.min(SIDE - 1, Math.max(0, y + dy)) * SIDE;
    for (let x = 0; x < SIDE; x++) {
      const u = copy[row + Math.min(SIDE - 1, Math.max(0, x + dx))]!;
      const v = mean[y * SIDE + x]!;
      a += u;
      b += v;
      aa += u * u;
      bb += v * v;
      ab += u * v;
    }
  }
  const spread = (aa - (a * a) / CELLS) * (bb - (b * b) / CELLS);
  return spread > 1e-9 ? (ab - (a * b) / CELLS) / Math.sqrt(spread) : 0;
}
