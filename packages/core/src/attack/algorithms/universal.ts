/** @file One perturbation for all images. */

import { argmax } from '../../classifier/scores.ts';
import { type FloatImages, imageSize } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { isAdversarial } from '../criterion.ts';
import { type DriveOptions, drive } from '../engine/drive.ts';
import { imageOf, roundInside } from '../engine/quantization.ts';
import type { Sample } from '../engine/sample.ts';
import type { QueryCount, TargetModel } from '../engine/target-model.ts';
import { nearest } from '../engine/verify.ts';
import { type Ball, clip, distances, project } from '../norm.ts';
import type { AttackResult } from '../run.ts';
import { deepfool } from './deepfool.ts';

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
  /** Spent on all images together, but for the rates. */
  readonly queries: QueryCount;
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
  model: TargetModel,
  images: FloatImages,
  labels: Int32Array,
  { ball, seed, delta, epochs, onImage, ...options }: UniversalOptions,
): Promise<Universal> {
  const size = imageSize(images);
  const random = Random.stream(seed, UNIVERSAL_STREAM);
  const perturbation = new Float32Array(size);
  const zero = new Float32Array(size);
  const rates: number[] = [];
  const spent = { forward: 0, backward: 0 };
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
      const { data: logits } = await model.logits({ ...model.shape, count: 1, data: image });
      spent.forward++;
      const criterion = { label: labels[index]!, target: undefined };
      if (!isAdversarial(criterion, logits)) {
        const sample: Sample = { shape: model.shape, numClasses: model.numClasses, image, logits, criterion, random };
        const search = () => nearest(deepfool.search(sample, norm, { ...deepfool.settings, steps: 10 }), sample, norm);
        const [ending] = await drive(model, [search], options);
        spent.forward += ending!.queries.forward;
        spent.backward += ending!.queries.backward;
        const found = ending?.value?.image;
        if (found !== undefined) {
          for (let i = 0; i < size; i++) perturbation[i]! += found[i]! - image[i]!;
          projectAround(perturbation, zero, ball);
        }
      }
      onImage?.((epoch + (place + 1) / order.length) / epochs);
    }
    rates.push(await foolingRate(model, labels, changed, options.batch));
    if (rates.at(-1)! >= 1 - delta) break;
  }
  return { perturbation, foolingRates: rates, queries: spent };
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
  model: TargetModel,
  labels: Int32Array,
  changed: (index: number) => Float32Array,
  batch: number,
): Promise<number> {
  const size = imageSize(model.shape);
  let fooled = 0;
  for (let from = 0; from < labels.length; from += batch) {
    const count = Math.min(batch, labels.length - from);
    const data = new Float32Array(count * size);
    for (let row = 0; row < count; row++) data.set(changed(from + row), row * size);
    const logits = await model.logits({ ...model.shape, count, data });
    for (let row = 0; row < count; row++) {
      const own = logits.data.subarray(row * model.numClasses, (row + 1) * model.numClasses);
      if (isAdversarial({ label: labels[from + row]!, target: undefined }, own)) fooled++;
    }
  }
  return fooled / labels.length;
}

/** What the list of attacks says of it: it works on all images together, so it is no search on one. */
export const UNIVERSAL = {
  name: 'uap',
  title: 'Universal adversarial perturbation',
  paper: 'Moosavi-Dezfooli et al. 2017, arXiv 1610.08401',
  summary: 'one perturbation for all images, out of DeepFool steps on each in turn',
  access: 'gradients',
  norms: ['linf', 'l2'],
  /** Share of images that may be left right, and passes over them at most. */
  settings: { delta: 0.2, epochs: 5 },
} as const;

/**
 * What one perturbation does to images.
 *
 * @param labels the right classes
 * @param quantize whether images are rounded to 8 bits, inside the ball, before they are judged
 * @param spent forward and backward passes for each image, for the record
 */
export async function judgeUniversal(
  model: TargetModel,
  images: FloatImages,
  labels: Int32Array,
  { perturbation }: Pick<Universal, 'perturbation'>,
  {
    ball,
    batch,
    quantize,
    spent,
  }: { readonly ball: Ball; readonly batch: number; readonly quantize: boolean; readonly spent: QueryCount },
): Promise<readonly AttackResult[]> {
  const size = imageSize(images);
  const results: AttackResult[] = [];
  for (let from = 0; from < images.count; from += batch) {
    const count = Math.min(batch, images.count - from);
    const originals = images.data.subarray(from * size, (from + count) * size);
    const bytes = new Uint8Array(count * size);
    const floats = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      const original = originals.subarray(row * size, (row + 1) * size);
      const image = clip(original.map((pixel, i) => pixel + perturbation[i]!));
      const levels = roundInside(image, original, ball);
      bytes.set(levels, row * size);
      floats.set(quantize ? imageOf(levels) : image, row * size);
    }
    const before = await model.logits({ ...model.shape, count, data: originals });
    const rounded = await model.logits({ ...model.shape, count, data: bytes });
    const exact = quantize ? rounded : await model.logits({ ...model.shape, count, data: floats });
    for (let row = 0; row < count; row++) {
      const label = labels[from + row]!;
      const criterion = { label, target: undefined };
      const [first, last, byte] = [before, exact, rounded].map(({ data }) =>
        data.subarray(row * model.numClasses, (row + 1) * model.numClasses),
      ) as [Float32Array, Float32Array, Float32Array];
      const original = originals.subarray(row * size, (row + 1) * size);
      const wrong = argmax(first) !== label;
      const image = wrong ? original : floats.slice(row * size, (row + 1) * size);
      const success = wrong || isAdversarial(criterion, last);
      results.push({
        index: from + row,
        epsilon: ball.epsilon,
        label,
        target: undefined,
        success,
        initiallyWrong: wrong,
        predicted: argmax(first),
        decision: success ? argmax(wrong ? first : last) : undefined,
        image: success ? image : undefined,
        distances: success ? distances(image, original) : undefined,
        queries: spent,
        by: success && !wrong ? UNIVERSAL.name : undefined,
        survives8Bit: success && isAdversarial(criterion, wrong ? first : byte),
        stop: wrong ? 'initially wrong' : success ? 'found' : 'finished',
      });
    }
  }
  return results;
}
