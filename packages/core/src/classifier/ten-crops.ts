/**
 * @file Scores averaged over ten crops of a larger image: four corners and the middle, each also mirrored (Krizhevsky,
 * Sutskever and Hinton 2012, section 4.1), as the Caffe networks of the paper were used.
 */

import {
  type FloatImages,
  type ImageShape,
  type Images,
  imageSize,
  requireImages,
  sliceImages,
} from '../image/images.ts';
import type { Classifier } from './classifier.ts';
import { logSumExp } from './draws.ts';
import { checkObjective } from './objective.ts';
import { objectiveOfRow } from './objective-row.ts';
import { type BetweenParts, type Part, partsByMemory } from './parts.ts';
import { wrapped } from './wrapped.ts';

/** Side of the larger image over that of a crop: 256 / 224. */
const RATIO = 256 / 224;

const CROPS = 10;

/**
 * A classifier of images a seventh larger than the network's: its probabilities are the means over ten crops.
 *
 * Its logits are the logarithms of these means, so that their softmax is what it predicts. Its gradients are those of
 * objectives of these logits; they take two passes forward and one back for each crop. It shows no features.
 */
export function tenCrops(network: Classifier): Classifier {
  const { numClasses } = network;
  const { channels, height, width } = network.shape;
  const shape: ImageShape = { channels, height: Math.round(height * RATIO), width: Math.round(width * RATIO) };
  const places = cropPlaces(shape, network.shape);

  /** Some images at a time, so that their crops fit in memory. */
  const inParts = async <T extends Images | FloatImages>(
    images: T,
    between: BetweenParts | undefined,
    work: (some: T, part: Part, within: BetweenParts) => Promise<void>,
  ): Promise<void> => {
    for (const part of partsByMemory(images.count, places.length)) {
      if (part.from > 0) await between?.(part.from);
      const within = (crops: number) => between?.(part.from + Math.floor(crops / CROPS));
      await work(sliceImages(images, part.from, part.to), part, within);
    }
  };

  const { features, ...rest } = wrapped(network, {
    shape,

    async predict(images, between) {
      requireImages(images, shape, network.where);
      const data = new Float32Array(images.count * numClasses);
      await inParts(images, between, async (some, { from }, within) => {
        const scores = await network.predict(cropAll(some, network.shape, places), within);
        for (let image = 0; image < some.count; image++) {
          for (let classIndex = 0; classIndex < numClasses; classIndex++) {
            let sum = 0;
            for (let crop = 0; crop < CROPS; crop++) {
              sum += scores.data[(image * CROPS + crop) * numClasses + classIndex]!;
            }
            data[(from + image) * numClasses + classIndex] = sum / CROPS;
          }
        }
      });
      return { count: images.count, numClasses, data };
    },

    async logits(images, between) {
      requireImages(images, shape, network.where);
      const data = new Float32Array(images.count * numClasses);
      await inParts<Images | FloatImages>(images, between, async (some, { from }, within) => {
        const { data: logits } = await network.logits(cropAll(some, network.shape, places), within);
        for (let image = 0; image < some.count; image++) {
          data.set(pooled(logits, image, numClasses).logits, (from + image) * numClasses);
        }
      });
      return { count: images.count, numClasses, data };
    },

    async gradient(images, objective, between) {
      const { count } = images;
      requireImages(images, shape, network.where);
      checkObjective(objective, count, numClasses, network.where);
      const logits = new Float32Array(count * numClasses);
      const value = new Float32Array(count);
      const gradient = new Float32Array(images.data.length);
      await inParts(images, between, async (some, { from }, within) => {
        const crops = cropAll(some, network.shape, places);
        const answer = await network.logits(crops);
        const weights = new Float32Array(crops.count * numClasses);
        for (let image = 0; image < some.count; image++) {
          const { logits: own, shares } = pooled(answer.data, image, numClasses);
          const { value: reached, cotangent } = objectiveOfRow(own, objective, from + image);
          logits.set(own, (from + image) * numClasses);
          value[from + image] = reached;
          weights.set(throughMean(cotangent, answer.data, shares, image), image * CROPS * numClasses);
        }
        const { gradient: ofCrops } = await network.gradient(crops, { kind: 'linear', weights }, within);
        addCrops(ofCrops, gradient.subarray(from * imageSize(shape)), places, imageSize(shape));
      });
      return { logits, value, gradient };
    },
  });
  return rest;
}

/**
 * The ten crops of each image, one image after the other: corners by rows, the middle, then the same mirrored.
 *
 * @param crop the shape of a crop, no larger than the images
 * @param places for each value of the ten crops its place in the image, where they are known
 */
export function cropAll<T extends Images | FloatImages>(
  images: T,
  crop: ImageShape,
  places = cropPlaces(images, crop),
): T {
  const { channels, height, width } = crop;
  const { count, data } = images;
  const whole = imageSize(images);
  const crops =
    data instanceof Uint8Array ? new Uint8Array(count * places.length) : new Float32Array(count * places.length);
  for (let image = 0; image < count; image++) {
    for (let i = 0; i < places.length; i++) crops[image * places.length + i] = data[image * whole + places[i]!]!;
  }
  // The array is of the type that was given.
  return { ...images, channels, height, width, count: count * CROPS, data: crops } as T;
}

/** The transpose of {@link cropAll}: adds each value of the crops to the value of the image that it was taken from. */
function addCrops(crops: Float32Array, images: Float32Array, places: Int32Array, whole: number): void {
  for (let image = 0; image * places.length < crops.length; image++) {
    for (let i = 0; i < places.length; i++) images[image * whole + places[i]!]! += crops[image * places.length + i]!;
  }
}

/** For each value of the ten crops, the place in the image that it is taken from. */
function cropPlaces(image: ImageShape, { channels, height, width }: ImageShape): Int32Array {
  const [down, right] = [image.height - height, image.width - width];
  const corners = [
    [0, 0],
    [0, right],
    [down, 0],
    [down, right],
    [down >> 1, right >> 1],
  ] as const;
  const places = new Int32Array(CROPS * channels * height * width);
  let at = 0;
  for (const mirrored of [false, true]) {
    for (const [top, left] of corners) {
      for (let plane = 0; plane < channels; plane++) {
        for (let row = 0; row < height; row++) {
          const start = (plane * image.height + top + row) * image.width + left;
          for (let column = 0; column < width; column++) {
            places[at++] = start + (mirrored ? width - 1 - column : column);
          }
        }
      }
    }
  }
  return places;
}

/**
 * Pools the crops of one image.
 *
 * @param data logits of the crops of all images
 * @returns `logits`: log of the mean probability of each class; `shares`: `10 x classes`, each crop's part in that mean. Both
 * are taken through logarithms, since a probability may be too small for a float32.
 */
function pooled(
  data: Float32Array,
  image: number,
  numClasses: number,
): { readonly logits: readonly number[]; readonly shares: Float64Array } {
  const shares = new Float64Array(CROPS * numClasses);
  for (let crop = 0; crop < CROPS; crop++) {
    const row = data.subarray((image * CROPS + crop) * numClasses, (image * CROPS + crop + 1) * numClasses);
    const total = logSumExp(row);
    for (let k = 0; k < numClasses; k++) shares[crop * numClasses + k] = row[k]! - total;
  }
  const logits: number[] = [];
  const column = new Float64Array(CROPS);
  for (let k = 0; k < numClasses; k++) {
    for (let crop = 0; crop < CROPS; crop++) column[crop] = shares[crop * numClasses + k]!;
    const total = logSumExp(column);
    for (let crop = 0; crop < CROPS; crop++) shares[crop * numClasses + k] = Math.exp(column[crop]! - total);
    logits.push(total - Math.log(CROPS));
  }
  return { logits, shares };
}

/**
 * The derivative by the crops' logits Z, from that by the pooled ones. With p = softmax(Z) and the share s of a crop in the
 * mean, the derivative of log mean p_k by Z_j is s_k ([k = j] - p_j).
 */
function throughMean(
  cotangent: readonly number[],
  data: Float32Array,
  shares: Float64Array,
  image: number,
): Float32Array {
  const numClasses = cotangent.length;
  const weights = new Float32Array(CROPS * numClasses);
  for (let crop = 0; crop < CROPS; crop++) {
    const row = data.subarray((image * CROPS + crop) * numClasses, (image * CROPS + crop + 1) * numClasses);
    const total = logSumExp(row);
    const parts = cotangent.map((slope, k) => slope * shares[crop * numClasses + k]!);
    const sum = parts.reduce((all, part) => all + part, 0);
    parts.forEach((part, k) => {
      weights[crop * numClasses + k] = part - sum * Math.exp(row[k]! - total);
    });
  }
  return weights;
}
