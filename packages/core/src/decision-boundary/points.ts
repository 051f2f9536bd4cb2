/** @file Three classes of points in the plane, as images of two values, and a small network that tells them apart. */

import { writeModel } from '@pareidolia/autodiff';
import { parseCard } from '../classifier/card.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { ImageShape } from '../image/images.ts';
import { mlp } from '../network/mlp.ts';
import { train } from '../network/trainer.ts';
import { Random } from '../random/random.ts';
import type { Runtime, SessionOptions } from '../runtime/runtime.ts';

/** A point is an image of one row: its two coordinates are grey values. */
export const POINT: ImageShape = { channels: 1, height: 1, width: 2 };

/** Where the classes lie, in [0, 1], and how far they spread. */
const CENTRES = [
  [0.3, 0.3],
  [0.7, 0.35],
  [0.45, 0.72],
] as const;
const SPREAD = 0.07;

/** Names of the three classes, in the order of their numbers. */
export const POINT_LABELS: readonly string[] = ['A', 'B', 'C'];

const POINTS_STREAM = 12;

/**
 * Points of three classes, each normally distributed around its own middle with a standard deviation of 0.07, rounded to the
 * 256 levels of an image and clipped to [0, 1].
 *
 * @param each points of each class
 * @param seed which points
 * @returns `3 * each` images of the shape {@link POINT}, the classes in turn
 */
export function threeClasses(each: number, seed: number): Dataset {
  const random = Random.stream(seed, POINTS_STREAM);
  const count = each * CENTRES.length;
  const data = new Uint8Array(2 * count);
  const labels = Int32Array.from({ length: count }, (_, index) => index % CENTRES.length);
  labels.forEach((label, index) => {
    for (let axis = 0; axis < 2; axis++) {
      const value = CENTRES[label]![axis]! + SPREAD * random.normal();
      data[2 * index + axis] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  });
  return { name: 'points', classNames: POINT_LABELS, images: { ...POINT, count, data }, labels };
}

/** Points of any classes as a dataset. Places outside of [0, 1] move to its edge. */
export function pointDataset(
  points: readonly { readonly x: number; readonly y: number; readonly class: number }[],
): Dataset {
  const level = (value: number): number => Math.round(255 * Math.min(1, Math.max(0, value)));
  return {
    name: 'points',
    classNames: POINT_LABELS,
    images: {
      ...POINT,
      count: points.length,
      data: Uint8Array.from(points.flatMap(({ x, y }) => [level(x), level(y)])),
    },
    labels: Int32Array.from(points, (point) => point.class),
  };
}

/** How {@link trainPointNetwork} trains. */
export interface PointTraining {
  readonly dataset: Dataset;
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly seed: number;
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  /** Told after each epoch the mean cross-entropy of its points, in nats. */
  readonly onEpoch?: (loss: number) => void;
}

/**
 * Trains a perceptron on points.
 *
 * @returns the bytes of an ONNX model
 */
export async function trainPointNetwork({ hidden, seed, onEpoch, ...options }: PointTraining): Promise<Uint8Array> {
  const { model } = await train({
    ...options,
    model: mlp(POINT, hidden, POINT_LABELS.length, seed),
    batch: Math.min(30, options.dataset.images.count),
    seed,
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    learningRate: { kind: 'cosine', base: 0.01 },
    ...(onEpoch === undefined ? {} : { onEpoch: ({ meanLoss }) => onEpoch(meanLoss) }),
  });
  return writeModel(model);
}

/** A network of points, to be disposed of by the caller. */
export function loadPointNetwork(
  bytes: Uint8Array,
  runtime: Runtime,
  session: SessionOptions,
): Promise<OnnxClassifier> {
  const card = parseCard({ labels: [...POINT_LABELS], color: 'grey' });
  return OnnxClassifier.load(bytes, { card, runtime, ...session, where: 'points' });
}
