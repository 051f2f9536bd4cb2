/**
 * @file Scores averaged over ten crops of a larger image: four corners and the middle, each also mirrored (Krizhevsky,
 * Sutskever and Hinton 2012, section 4.1), as the Caffe networks of the paper were used.
 */

import { type ImageShape, type Images, imageSize } from '../image/images.ts';
import type { Scorer } from './classifier.ts';
import type { Scores } from './scores.ts';

/** Side of the larger image over that of a crop: 256 / 224. */
const RATIO = 256 / 224;

const CROPS = 10;

/** A scorer of images a seventh larger than the network's, whose scores are the means over ten crops. */
export function tenCrops(network: Scorer): Scorer {
  const { channels, height, width } = network.shape;
  const shape: ImageShape = { channels, height: Math.round(height * RATIO), width: Math.round(width * RATIO) };
  return {
    shape,
    async predict(images: Images): Promise<Scores> {
      const crops = cropAll(images, network.shape);
      const scores = await network.predict(crops);
      const { numClasses } = scores;
      const data = new Float32Array(images.count * numClasses);
      for (let image = 0; image < images.count; image++) {
        for (let label = 0; label < numClasses; label++) {
          let sum = 0;
          for (let crop = 0; crop < CROPS; crop++) sum += scores.data[(image * CROPS + crop) * numClasses + label]!;
          data[image * numClasses + label] = sum / CROPS;
        }
      }
      return { count: images.count, numClasses, data };
    },
  };
}

/** The ten crops of each image, one image after the other: corners by rows, the middle, then the same mirrored. */
export function cropAll(images: Images, { channels, height, width }: ImageShape): Images {
  const [down, right] = [images.height - height, images.width - width];
  const corners = [
    [0, 0],
    [0, right],
    [down, 0],
    [down, right],
    [down >> 1, right >> 1],
  ] as const;
  const size = channels * height * width;
  const data = new Uint8Array(images.count * CROPS * size);
  const whole = imageSize(images);
  for (let image = 0; image < images.count; image++) {
    corners.forEach(([top, left], place) => {
      const crop = (image * CROPS + place) * size;
      const mirrored = crop + corners.length * size;
      for (let plane = 0; plane < channels; plane++) {
        for (let row = 0; row < height; row++) {
          const from = image * whole + (plane * images.height + top + row) * images.width + left;
          const line = images.data.subarray(from, from + width);
          const at = (plane * height + row) * width;
          data.set(line, crop + at);
          for (let column = 0; column < width; column++) data[mirrored + at + column] = line[width - 1 - column]!;
        }
      }
    });
  }
  return { channels, height, width, count: images.count * CROPS, data };
}
