/** @file One perturbation for all images. */

import {
  acceptedClasses,
  attackedLogits,
  type Ball,
  clip,
  defineUniversalAttack,
  drive,
  type FloatImages,
  imageSize,
  isAdversarial,
  nearest,
  partsByMemory,
  project,
  Random,
  type Sample,
  type TargetModel,
  type UniversalOptions,
  type UniversalPerturbation,
  withRefusal,
  z,
} from '../kit.ts';
import { deepfool } from './deepfool.ts';

const UNIVERSAL_STREAM = 6;

type UniversalNorm = 'linf' | 'l2';

interface UniversalSettings {
  /** The share of images that may be left right. */
  readonly delta: number;
  /** Passes over the images at most. */
  readonly epochs: number;
}

/** Steps of DeepFool for one push. */
const PUSH_STEPS = 10;

/**
 * Moosavi-Dezfooli et al. 2017, algorithm 1: goes through the images in random order; where the sum of image and
 * perturbation keeps its decision, the smallest push over a boundary (DeepFool, at most 10 steps) is added to the
 * perturbation, which is then brought back into the ball.
 *
 * @param labels the classes that images have to leave: the network's own decisions in the paper
 */
export async function universalPerturbation(
  model: TargetModel,
  images: FloatImages,
  labels: Int32Array,
  { ball, seed, delta, epochs, onImage, ...options }: UniversalOptions<UniversalNorm> & UniversalSettings,
): Promise<UniversalPerturbation> {
  const size = imageSize(images);
  const random = Random.stream(seed, UNIVERSAL_STREAM);
  const perturbation = new Float32Array(size);
  const zero = new Float32Array(size);
  const rates: number[] = [];
  const cuts: NonNullable<UniversalPerturbation['cuts']>[number][] = new Array(labels.length).fill(undefined);
  const spent = { forward: 0, backward: 0 };
  const order = random.shuffle(Int32Array.from(labels.keys()));
  const changed = (index: number): Float32Array => {
    const image = images.data.slice(index * size, (index + 1) * size);
    for (let i = 0; i < size; i++) image[i]! += perturbation[i]!;
    return clip(image);
  };
  const { norm } = ball;
  const push = deepfool.prepare({ steps: PUSH_STEPS });
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [place, index] of random.shuffle(order).entries()) {
      options.signal?.throwIfAborted();
      const image = changed(index);
      const { data: logits } = await model.logits({ ...model.shape, count: 1, data: image });
      spent.forward++;
      const label = labels[index]!;
      const criterion = { label, target: undefined };
      const own = attackedLogits(model, label, logits);
      if (!isAdversarial(criterion, own)) {
        const { shape } = model;
        const numClasses = acceptedClasses(model);
        const sample: Sample = { shape, numClasses, image, logits: own, criterion, random, quantize: false };
        const search = () => withRefusal(nearest(push.search(sample, norm), sample, norm), model, label);
        const [ending] = await drive(model, [search], options);
        cuts[index] = ending!.cut;
        spent.forward += ending!.queries.forward;
        spent.backward += ending!.queries.backward;
        const found = ending?.value?.image;
        if (found !== undefined) {
          for (let i = 0; i < size; i++) perturbation[i]! += found[i]! - image[i]!;
          projectAround(perturbation, zero, ball);
        }
      }
      onImage?.((epoch + (place + 1) / order.length) / epochs, spent.forward);
    }
    rates.push(await foolingRate(model, labels, changed));
    if (rates.at(-1)! >= 1 - delta) break;
  }
  return { perturbation, foolingRates: rates, cuts, queries: spent };
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
): Promise<number> {
  const size = imageSize(model.shape);
  let fooled = 0;
  for (const { from, to } of partsByMemory(labels.length, size)) {
    const count = to - from;
    const data = new Float32Array(count * size);
    for (let row = 0; row < count; row++) data.set(changed(from + row), row * size);
    const logits = await model.logits({ ...model.shape, count, data });
    for (let row = 0; row < count; row++) {
      const own = logits.data.subarray(row * model.numClasses, (row + 1) * model.numClasses);
      const label = labels[from + row]!;
      if (isAdversarial({ label, target: undefined }, attackedLogits(model, label, own))) fooled++;
    }
  }
  return fooled / labels.length;
}

/** Radius where none is given: the paper's 10/255 in Linf, and in L2 the length of a perturbation of 10/255 everywhere. */
const RADIUS = 10 / 255;

/** One perturbation for all images (Moosavi-Dezfooli et al. 2017, algorithm 1). */
export const universal = defineUniversalAttack({
  name: 'uap',
  title: 'Universal adversarial perturbation',
  paper: 'Moosavi-Dezfooli et al. 2017, arXiv 1610.08401',
  summary: 'one perturbation for all images, out of DeepFool steps on each in turn',
  access: 'gradients',
  norms: ['linf', 'l2'],
  targeted: false,
  settings: z.object({
    delta: z.number().min(0).max(1).default(0.2).describe('share of the images that may be left right'),
    epochs: z.int().min(1).default(5).describe('passes over the images at most'),
  }),
  defaultEpsilon: (norm, size) => (norm === 'linf' ? RADIUS : RADIUS * Math.sqrt(size)),
  search: (model, images, labels, options, settings) =>
    universalPerturbation(model, images, labels, { ...options, ...settings }),
});
