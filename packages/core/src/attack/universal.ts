/** @file One perturbation for all images. */

import { type FloatImages, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { deepfool } from './deepfool.ts';
import { type DriveOptions, drive, type Victim } from './engine.ts';
import { isReached } from './goal.ts';
import { type Ball, clip, project } from './norm.ts';
import type { Sample } from './sample.ts';
import { nearest } from './watch.ts';

export interface UniversalOptions extends DriveOptions {
  readonly ball: Ball;
  readonly seed: number;
  /** The share of images that may be left right (delta). */
  readonly delta: number;
  /** Passes over the images at most. */
  readonly epochs: number;
  /** Called after each image with the share of the passes done. */
  readonly onImage?: (share: number) => void;
}

export interface Universal {
  /** `C x H x W`, to be added; the result is cut to [0, 1]. */
  readonly perturbation: Float32Array;
  /** Share of the images whose decision it changes, after each pass. */
  readonly foolingRates: readonly number[];
}

const UNIVERSAL_STREAM = 6;

/**
 * Moosavi-Dezfooli et al. 2017, algorithm 1: goes through the images in random order; where the sum of image and
 * perturbation keeps its decision, the smallest push over a boundary (DeepFool, at most 10 steps) is added to the
 * perturbation, which is then brought back into the ball.
 *
 * @param labels the network's own decisions
 */
export async function universalPerturbation(
  victim: Victim,
  images: FloatImages,
  labels: Int32Array,
  { ball, seed, delta, epochs, onImage, ...options }: UniversalOptions,
): Promise<Universal> {
  const size = imageSize(images);
  const random = Random.stream(seed, UNIVERSAL_STREAM);
  const perturbation = new Float32Array(size);
  const zero = new Float32Array(size);
  const rates: number[] = [];
  const order = random.shuffle(Int32Array.from(labels.keys()));
  const changed = (index: number): Float32Array => {
    const image = images.data.slice(index * size, (index + 1) * size);
    for (let i = 0; i < size; i++) image[i]! += perturbation[i]!;
    return clip(image);
  };
  const norm = ball.norm === 'linf' ? 'linf' : 'l2';
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [place, index] of random.shuffle(order).entries()) {
      options.signal?.throwIfAborted();
      const image = changed(index);
      const { data: logits } = await victim.logits({ ...victim.shape, count: 1, data: image });
      const goal = { label: labels[index]!, target: undefined };
      if (!isReached(goal, logits)) {
        const sample: Sample = { shape: victim.shape, classes: victim.classes, image, logits, goal, random };
        const search = () => nearest(deepfool.search(sample, norm, { ...deepfool.settings, steps: 10 }), sample, norm);
        const [ending] = await drive(victim, [search], options);
        const found = ending?.value?.image;
        if (found !== undefined) {
          for (let i = 0; i < size; i++) perturbation[i]! += found[i]! - image[i]!;
          projectAround(perturbation, zero, ball);
        }
      }
      onImage?.((epoch + (place + 1) / order.length) / epochs);
    }
    rates.push(await foolingRate(victim, labels, changed, options.batch));
    if (rates.at(-1)! >= 1 - delta) break;
  }
  return { perturbation, foolingRates: rates };
}

/** The ball alone: a perturbation has no box. */
function projectAround(perturbation: Float32Array, zero: Float32Array, ball: Ball): void {
  // Shifted by a half and halved, a perturbation is an image of the box [0, 1] around grey.
  for (let i = 0; i < zero.length; i++) perturbation[i] = 0.5 + perturbation[i]! / 2;
  project(
    perturbation,
    zero.map(() => 0.5),
    { norm: ball.norm, epsilon: ball.epsilon / 2 },
  );
  for (let i = 0; i < zero.length; i++) perturbation[i] = 2 * (perturbation[i]! - 0.5);
}

async function foolingRate(
  victim: Victim,
  labels: Int32Array,
  changed: (index: number) => Float32Array,
  batch: number,
): Promise<number> {
  const size = imageSize(victim.shape);
  let fooled = 0;
  for (let from = 0; from < labels.length; from += batch) {
    const count = Math.min(batch, labels.length - from);
    const data = new Float32Array(count * size);
    for (let row = 0; row < count; row++) data.set(changed(from + row), row * size);
    const logits = await victim.logits({ ...victim.shape, count, data });
    for (let row = 0; row < count; row++) {
      const own = logits.data.subarray(row * victim.classes, (row + 1) * victim.classes);
      if (isReached({ label: labels[from + row]!, target: undefined }, own)) fooled++;
    }
  }
  return fooled / labels.length;
}
