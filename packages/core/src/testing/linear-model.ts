/** @file Linear classifiers for tests: every attack has a closed form on them. */

import type { TargetModel } from '../attack/engine/target-model.ts';
import { dual, length, type Norm } from '../attack/norm.ts';
import type { Gradients, Logits, Objective } from '../classifier/objective.ts';
import { type FloatImages, type ImageShape, type Images, imageSize } from '../image/images.ts';
import type { Random } from '../random/random.ts';

/** Z = W x + b, with the passes it was asked for counted. */
export class LinearModel implements TargetModel {
  readonly shape: ImageShape;
  readonly numClasses: number;
  readonly weights: readonly Float32Array[];
  readonly bias: readonly number[];
  /** Images looked at, forwards and backwards. */
  forward = 0;
  backward = 0;
  /** Sizes of the batches. */
  readonly batches: number[] = [];

  constructor(shape: ImageShape, weights: readonly Float32Array[], bias: readonly number[]) {
    this.shape = shape;
    this.numClasses = weights.length;
    this.weights = weights;
    this.bias = bias;
  }

  async logits(images: FloatImages | Images): Promise<Logits> {
    this.forward += images.count;
    this.batches.push(images.count);
    return { count: images.count, numClasses: this.numClasses, data: this.#scores(images) };
  }

  async gradient(images: FloatImages, objective: Objective): Promise<Gradients> {
    const logits = this.#scores(images);
    this.forward += images.count;
    this.backward += images.count;
    this.batches.push(images.count);
    const size = images.data.length / images.count;
    const value = new Float32Array(images.count);
    const gradient = new Float32Array(images.data.length);
    for (let row = 0; row < images.count; row++) {
      const z = [...logits.subarray(row * this.numClasses, (row + 1) * this.numClasses)];
      const { value: own, cotangent } = derivative(z, objective, row);
      value[row] = own;
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let k = 0; k < this.numClasses; k++) sum += cotangent[k]! * this.weights[k]![i]!;
        gradient[row * size + i] = sum;
      }
    }
    return { logits, value, gradient };
  }

  /** Z_of - Z_from at an image, and the length of its gradient in a norm. */
  difference(image: Float32Array, of: number, from: number): { value: number; weights: Float32Array } {
    const weights = this.weights[of]!.map((value, i) => value - this.weights[from]![i]!);
    return { value: dot(weights, image) + this.bias[of]! - this.bias[from]!, weights };
  }

  #scores({ data, count }: FloatImages | Images): Float32Array {
    const size = data.length / count;
    const scale = data instanceof Uint8Array ? 1 / 255 : 1;
    const scores = new Float32Array(count * this.numClasses);
    for (let row = 0; row < count; row++) {
      for (let k = 0; k < this.numClasses; k++) {
        let sum = this.bias[k]!;
        for (let i = 0; i < size; i++) sum += this.weights[k]![i]! * data[row * size + i]! * scale;
        scores[row * this.numClasses + k] = sum;
      }
    }
    return scores;
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** An objective of one row of logits, by its definition, with its derivative by the logits. */
export function derivative(
  z: readonly number[],
  objective: Objective,
  row: number,
): { value: number; cotangent: number[] } {
  const cotangent = z.map(() => 0);
  if (objective.kind === 'linear') {
    const weights = objective.weights.subarray(row * z.length, (row + 1) * z.length);
    return { value: z.reduce((sum, value, k) => sum + value * weights[k]!, 0), cotangent: [...weights] };
  }
  const own = objective.classIndices[row]!;
  const order = [...z.keys()].sort((a, b) => z[b]! - z[a]!);
  const [first, second, third, fourth] = order as [number, number, number, number];
  switch (objective.kind) {
    case 'log-probability': {
      const top = Math.max(...z);
      const exps = z.map((value) => Math.exp(value - top));
      const total = exps.reduce((sum, value) => sum + value);
      const rest = total - exps[own]!;
      return {
        value: z[own]! - top - Math.log(total),
        cotangent: exps.map((value, k) => (k === own ? rest / total : -value / total)),
      };
    }
    case 'margin': {
      const rival = first === own ? second : first;
      cotangent[rival] = 1;
      cotangent[own] = -1;
      return { value: z[rival]! - z[own]!, cotangent };
    }
    case 'dlr': {
      const rival = first === own ? second : first;
      const [above, below] = [z[own]! - z[rival]!, z[first]! - z[third]!];
      cotangent[own]! -= 1 / below;
      cotangent[rival]! += 1 / below;
      cotangent[first]! += above / below ** 2;
      cotangent[third]! -= above / below ** 2;
      return { value: -above / below, cotangent };
    }
    case 'targeted-dlr': {
      const target = objective.targets[row]!;
      const [above, below] = [z[own]! - z[target]!, z[first]! - (z[third]! + z[fourth]!) / 2];
      cotangent[own]! -= 1 / below;
      cotangent[target]! += 1 / below;
      cotangent[first]! += above / below ** 2;
      cotangent[third]! -= above / below ** 2 / 2;
      cotangent[fourth]! -= above / below ** 2 / 2;
      return { value: -above / below, cotangent };
    }
  }
}

/** A classifier with normal weights whose decisions at grey images are spread over the classes. */
export function randomLinearModel(
  random: Random,
  classes = 4,
  shape: ImageShape = { channels: 1, height: 5, width: 6 },
): LinearModel {
  const size = shape.channels * shape.height * shape.width;
  const weights = Array.from({ length: classes }, () => Float32Array.from({ length: size }, () => random.normal()));
  const bias = weights.map((row) => -0.5 * row.reduce((sum, value) => sum + value, 0) + 2 * random.normal());
  return new LinearModel(shape, weights, bias);
}

/**
 * An image around the middle grey, of class 0, and a classifier with normal weights whose planes between class 0 and each
 * other one lie at given distances from it, by Hoelder: |Z_k - Z_0| / |w_k - w_0| in the dual norm. The box begins at a
 * distance of 0.4, so distances below that are those of the nearest points of the planes in any norm.
 *
 * @param distances to the planes of classes 1, 2 and so on
 */
export function greyAtDistances(
  random: Random,
  norm: Exclude<Norm, 'l0'>,
  distances: readonly number[],
  shape: ImageShape = { channels: 1, height: 5, width: 6 },
): { readonly model: LinearModel; readonly images: FloatImages; readonly labels: Int32Array } {
  const size = imageSize(shape);
  const normal = (): Float32Array => Float32Array.from({ length: size }, () => random.normal());
  const data = greys(random, size);
  const own = normal();
  const others = distances.map(normal);
  const bias = others.map((weights, k) => {
    const slope = weights.map((weight, i) => weight - own[i]!);
    return -dot(slope, data) - distances[k]! * length(slope, dual(norm));
  });
  return {
    model: new LinearModel(shape, [own, ...others], [0, ...bias]),
    images: { ...shape, count: 1, data },
    labels: Int32Array.of(0),
  };
}

/** Images around the middle grey, far from the ends of the box, each with the classifier's own decision as its label. */
export async function labelledGreys(
  model: TargetModel,
  random: Random,
  count: number,
): Promise<{ readonly images: FloatImages; readonly labels: Int32Array }> {
  const data = greys(random, count * imageSize(model.shape));
  const images = { ...model.shape, count, data };
  const logits = await model.logits(images);
  const labels = Int32Array.from({ length: count }, (_, row) => {
    const z = logits.data.subarray(row * model.numClasses, (row + 1) * model.numClasses);
    return z.indexOf(Math.max(...z));
  });
  return { images, labels };
}

/** Values of 0.4 to 0.6 that 8 bits can hold. */
function greys(random: Random, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => Math.round(255 * (0.4 + 0.2 * random.uniform())) / 255);
}
